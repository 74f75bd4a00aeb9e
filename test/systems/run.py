#!/usr/bin/env python3
"""Compare every system of this folder, in every form, with its reference.

  run.py --bin=build/dev/bin [--goldens=../shared/goldens/ops] [NAME...]

A system is NAME.mlir beside NAME.py; harness/__init__.py says what those hold.
Each runs interpreted in float64, then compiled: whole sequences of awkward
lengths, prefills in pieces, single steps, packed rows, and the vectors of other
implementations. Prints one line per system and one per failure; exit status 1
if anything failed, 77 (skipped) without NumPy.
"""
import argparse
import pathlib
import sys
import tempfile

SKIPPED = 77
try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(SKIPPED)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True

from harness import system as systems  # noqa: E402
from harness.compare import Record  # noqa: E402
from harness.forms import Runner  # noqa: E402
from harness.tools import Tools  # noqa: E402


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the programs' folder")
    parser.add_argument("--goldens", type=pathlib.Path, help="vectors, in folders of .npz files")
    parser.add_argument("--shard", metavar="I/N", help="only every Nth system, from the Ith")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    known = systems.names()
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"expected names among {' '.join(known)}, got {' '.join(unknown)}")
    arguments.names = arguments.names or known
    if arguments.shard:
        first, step = map(int, arguments.shard.split("/"))
        arguments.names = arguments.names[first::step]
    return arguments


def loader(folder):
    """A function from a vector's name to its arrays, or None without vectors."""
    files = {path.stem: path for path in folder.glob("**/*.npz")} if folder else {}
    if not files:
        print("skipped: the vectors of other implementations are not here")
        return None
    return lambda name: dict(np.load(files[name], allow_pickle=True))


def run(name, arguments, load):
    with tempfile.TemporaryDirectory() as work:
        record = Record(systems.System(name))
        tools = Tools(arguments.bin, pathlib.Path(work))
        Runner(record.system, tools, record, load).run()
        print(record.summary(), flush=True)
        return record


def main():
    arguments = parse()
    load = loader(arguments.goldens)
    records = [run(name, arguments, load) for name in arguments.names]
    failed = [record.system.name for record in records if record.failures]
    print(f"{len(records) - len(failed)} systems passed, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
