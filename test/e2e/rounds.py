#!/usr/bin/env python3
"""Compile recurrences whose items share steps or matrices; compare every form's bits.

  rounds.py --bin=build/dev/bin [--threads=2,3] [MODULE.mlir...]

Without modules, those in rounds/ and sequences/ beside this file: kernels that run in
rounds, and whole steps of several sequences at once. Each runs with any number of
threads, in batches whose rows run alone too, in splits of @prefill and in steps, all
bit for bit the same, and near the interpreter. A module of rounds/ none of whose kernels
runs in rounds fails, and so does one of sequences/ that has such. Exit status 1 if one
differs, 77 without NumPy.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.dont_write_bytecode = True

from checkpoint import write_checkpoint  # noqa: E402

# Relative to the largest element of the expected output.
TOLERANCE = 2e-6
# Lengths of each batch; sequences that share a matrix run in groups of up to eight.
CASES = {1: [1, 2, 9], 2: [2, 9], 3: [4], 5: [4], 7: [1, 9], 8: [4], 9: [4], 17: [3]}

failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name:44} {detail}", flush=True)


class Model:
    def __init__(self, options, module, work):
        self.options, self.name, self.work = options, module.stem, work
        self.text = module.read_text()
        self.rounds = module.parent.name != "sequences"
        self.causal = " reverse" not in self.text
        # The module beside its checkpoint.
        self.module, self.artifact = work / module.name, work / "model.fb"
        self.module.write_text(self.text)
        self.write_weights(np.random.default_rng(5))
        self.tool("ssmc", self.module, "-o", self.artifact, "--target-cpu=native")

    def write_weights(self, random):
        write_checkpoint(self.work, {
            name: 0.1 * random.standard_normal([int(extent) for extent in extents.split("x")])
            for name, extents in re.findall(r'ssm.weight "(\w+)" : tensor<(.*?)xf32>', self.text)})

    def tool(self, name, *arguments):
        command = [str(self.options.bin / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr[:2000]}")
        return done.stdout

    def runs_in_rounds(self):
        return "in rounds" in self.tool("ssmc-dump", "--plan", self.artifact)

    def inputs(self, random, batch, length):
        """Random values of @forward's arguments; resets are rare."""
        signature = re.search(r"@forward\((.*?)\)\s*->", self.text, re.DOTALL)[1]
        for name, extents in re.findall(r"%(\w+): tensor<(.*?)xf32>", signature):
            shape = [(batch, length)[i] if extent == "?" else int(extent)
                     for i, extent in enumerate(extents.split("x"))]
            value = random.standard_normal(shape).astype(np.float32)
            yield (value > 0.8).astype(np.float32) if name == "reset" else value

    def run(self, inputs, *flags):
        arguments = []
        for i, value in enumerate(inputs):
            np.save(self.work / f"in{i}.npy", value)
            arguments.append(f"--input=@{self.work}/in{i}.npy")
        self.tool("ssmc-run", *flags, *arguments, f"--output=@{self.work}/out.npy")
        return np.load(self.work / "out.npy")

    def compiled(self, inputs, *flags):
        return self.run(inputs, self.artifact, *flags)

    def interpreted(self, inputs):
        return self.run(inputs, "--reference=f64", self.module, "--entry=forward")


def compare(model, threads):
    random = np.random.default_rng(11)
    check(f"{model.name}: {'in rounds' if model.rounds else 'whole steps'}",
          model.runs_in_rounds() == model.rounds)
    for batch, lengths in CASES.items():
        for length in lengths:
            name = f"{model.name} B {batch} L {length}: "
            inputs = list(model.inputs(random, batch, length))
            expected = model.interpreted(inputs).astype(np.float64)
            forward = model.compiled(inputs, "--entry=forward", "--threads=1")
            error = np.abs(forward - expected).max() / np.abs(expected).max()
            check(name + "interpreter", bool(error <= TOLERANCE), f"{error:.1e}")
            same = {f"{count} threads": model.compiled(inputs, "--entry=forward",
                                                       f"--threads={count}")
                    for count in threads}
            for row in sorted({0, batch // 2, batch - 1}):
                alone = [value[row:row + 1] for value in inputs]
                got = model.compiled(alone, "--entry=forward")
                check(f"{name}row {row} alone", got.tobytes() == forward[row:row + 1].tobytes())
            if model.causal and length > 1:
                ones = ",".join(["1"] * length)
                same["steps"] = model.compiled(inputs, f"--splits={ones}", "--step-ones")
                same["splits"] = model.compiled(inputs, f"--splits=1,{length - 1}", "--threads=3")
            for form, got in same.items():
                check(name + form, got.tobytes() == forward.tobytes())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--threads", default="2,3",
                        type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("modules", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    here = pathlib.Path(__file__).parent
    modules = options.modules or [*sorted((here / "rounds").glob("*.mlir")),
                                  *sorted((here / "sequences").glob("*.mlir"))]
    for module in modules:
        with tempfile.TemporaryDirectory() as work:
            compare(Model(options, module, pathlib.Path(work)), options.threads)
    print(f"{failures} failed")
    return failures > 0


sys.exit(main())
