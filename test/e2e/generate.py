#!/usr/bin/env python3
"""Import and compile models with a tokenizer; generate text with them.

  generate.py --bin=build/dev/bin MODEL...

A MODEL directory has, beside the checkpoint, greedy continuations of another
implementation: golden.txt as text, golden.npz as ids (which forms.py compares).
One that is not there is skipped. Prints one line per check; exit status 1 if one
fails, 77 if nothing was there to run.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(SKIPPED)

sys.dont_write_bytecode = True

from golden import continuations, texts  # noqa: E402

failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name:56} {detail}", flush=True)


class Model:
    """An artifact, and a folder for the files of its runs."""

    def __init__(self, bin_dir, source, folder):
        self.bin, self.source, self.folder = bin_dir, source, folder
        self.artifact = folder / "model.fb"
        self.run("ssmc-import", source, "-o", folder / "model.mlir")
        self.run("ssmc", folder / "model.mlir", "-o", self.artifact,
                 "--target-cpu=native")

    def run(self, tool, *arguments):
        command = [str(self.bin / tool)] + [str(item) for item in arguments]
        done = subprocess.run(command, capture_output=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n"
                     + done.stderr.decode())
        return done

    def text(self, *arguments):
        """What a run of ssmc-generate writes, and what it says."""
        done = self.run("ssmc-generate", self.artifact, *arguments)
        return done.stdout.decode(), done.stderr.decode()

    def tokens(self, ids, *arguments):
        """The new tokens of rows of ids; of a state if `ids` is None."""
        if ids is not None:
            np.save(self.folder / "ids.npy", ids)
            arguments += (f"--tokens=@{self.folder / 'ids.npy'}",)
        _, said = self.text(
            *arguments, f"--output-tokens=@{self.folder / 'new.npy'}")
        return np.load(self.folder / "new.npy"), said


def next_token(said):
    return re.search(r"--next-token=[0-9,]+", said)[0]


def check_texts(model, source, golden):
    for (prompt, expected), (name, ids, generated) in zip(
            texts(source / "golden.txt").items(), continuations(golden)):
        count = generated.shape[1] - ids.shape[1]
        text, _ = model.text("--prompt", prompt, f"--max-new-tokens={count}")
        check(f"text of {name}", prompt + text == expected, f"{count} tokens")


def check_states(model, ids):
    """A run that is continued in another process gives what one run gives."""
    state = model.folder / "run.state"
    for name, how in (("greedy", []),
                      ("drawn", ["--temperature=1", "--top-p=0.9",
                                 "--top-k=50", "--seed=3"])):
        how = [*how, "--ignore-eos"]
        whole, _ = model.tokens(ids, "--max-new-tokens=60", *how)
        first, said = model.tokens(ids, "--max-new-tokens=23", *how,
                                   f"--save-state={state}")
        rest, _ = model.tokens(None, "--max-new-tokens=37", *how,
                               f"--load-state={state}", next_token(said))
        check(f"{name} tokens go on from a saved state",
              np.array_equal(np.concatenate([first, rest], axis=1), whole),
              f"{whole.shape[0]} rows")


def check_prompts_in_parts(model, prompt):
    """A prompt that is read in two processes leaves the state of one."""
    states = [model.folder / name for name in ("half.state", "whole.state")]
    # At the end of a word, which no token crosses.
    half = re.compile(r"\w\b").search(prompt, len(prompt) // 2).end()
    model.text("--prompt", prompt[:half], "--max-new-tokens=0",
               f"--save-state={states[0]}")
    parts, _ = model.text(f"--load-state={states[0]}", "--prompt",
                          prompt[half:], "--max-new-tokens=40")
    whole, _ = model.text("--prompt", prompt, "--max-new-tokens=40")
    check("a prompt follows a saved state", parts == whole, repr(parts[:24]))


def check_draws(model, ids):
    def draw(rows, seed, *more):
        return model.tokens(rows, "--max-new-tokens=40", "--ignore-eos",
                            "--temperature=1.2", f"--seed={seed}", *more)[0]

    drawn = draw(ids, 1)
    check("a seed draws the same again", np.array_equal(drawn, draw(ids, 1)))
    check("with any number of threads",
          np.array_equal(drawn, draw(ids, 1, "--threads=1")))
    check("another seed draws otherwise",
          not np.array_equal(drawn, draw(ids, 2)))
    check("a row does not depend on the rows after it",
          np.array_equal(drawn[:1], draw(ids[:1], 1)))
    check("equal rows draw differently",
          len(np.unique(draw(np.repeat(ids[:1], 4, axis=0), 1), axis=0)) == 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    ran = 0
    for source in options.models:
        if not (source / "golden.txt").is_file():
            print(f"skipped: {source} is not here")
            continue
        ran += 1
        print(source, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            model = Model(options.bin, source, pathlib.Path(folder))
            golden = np.load(source / "golden.npz")
            check_texts(model, source, golden)
            rows = golden["input_ids"][:, :30].reshape(2, 15).astype(np.int64)
            check_states(model, rows)
            check_prompts_in_parts(model, next(iter(texts(source / "golden.txt"))))
            check_draws(model, rows)
    print(f"{failures} failed")
    sys.exit(1 if failures else 0 if ran else SKIPPED)


main()
