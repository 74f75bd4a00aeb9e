#!/usr/bin/env python3
"""Import, compile and run whole models; compare every form with every other.

  forms.py --bin=build/dev/bin CHECKPOINT...
  forms.py --bin=build/dev/bin --target-cpu=aarch64 --quick \
    --run="qemu-aarch64 -L /usr/aarch64-linux-gnu build/aarch64/bin/ssmc-run" CHECKPOINT...

For each checkpoint directory (with its golden.npz of another implementation):
logits of forward, prefill, splits of prefill and single steps; greedy tokens;
bits for other thread counts, batch neighbours and processes. A checkpoint that
is not there is skipped. Prints one line per comparison; exit status 1 if one
fails, 77 if nothing was there to run.
"""
import argparse
import pathlib
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

from golden import continuations  # noqa: E402

# Logits are float32 on both sides: rms(error) / rms(expected), and the largest.
GOLDEN_NRMSE, GOLDEN_MAX = 2e-5, 1e-3
LENGTHS = [1, 2, 3, 4, 5, 37, 64, 65, 1000]
QUICK_LENGTHS = [1, 5, 65]
BATCHES = [1, 2, 7]

failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name:56} {detail}", flush=True)


def close(name, got, expected):
    error = np.abs(got.astype(np.float64) - expected)
    nrmse = np.sqrt(np.mean(error**2) / np.mean(expected.astype(np.float64)**2))
    check(name, bool(nrmse <= GOLDEN_NRMSE and error.max() <= GOLDEN_MAX),
          f"nrmse {nrmse:.1e}, max {error.max():.1e}")


def same(name, got, expected):
    check(name, got.shape == expected.shape and got.tobytes() == expected.tobytes(),
          "bit for bit")


class Model:
    def __init__(self, options, checkpoint, work):
        self.tools, self.work = options.bin, work
        self.foreign_run = options.run
        self.mlir, self.artifact = work / "model.mlir", work / "model.fb"
        self.tool("ssmc-import", checkpoint, "-o", self.mlir)
        # One level: half the compile time.
        self.tool("ssmc", self.mlir, "-o", self.artifact, f"--target-cpu={options.target_cpu}")

    def tool(self, name, *arguments, foreign=None):
        command = (foreign or str(self.tools / name)).split() + [*map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")

    def run(self, ids, *arguments):
        np.save(self.work / "ids.npy", ids)
        self.tool("ssmc-run", self.artifact, f"--input=@{self.work}/ids.npy",
                  f"--output=@{self.work}/out.npy", *arguments, foreign=self.foreign_run)
        return np.load(self.work / "out.npy")

    def interpret(self, ids):
        np.save(self.work / "ids.npy", ids)
        self.tool("ssmc-run", "--reference=f64", self.mlir, "--entry=forward",
                  f"--input=@{self.work}/ids.npy", f"--output=@{self.work}/out.npy")
        return np.load(self.work / "out.npy")

    def generate(self, ids, count, *arguments):
        np.save(self.work / "prompt.npy", ids)
        self.tool("ssmc-generate", self.artifact, f"--tokens=@{self.work}/prompt.npy",
                  f"--max-new-tokens={count}", "--temperature=0", "--ignore-eos",
                  f"--output-tokens=@{self.work}/new.npy", *arguments)
        return np.load(self.work / "new.npy")


def compare_with_golden(model, golden):
    ids = golden["input_ids"].astype(np.int64)
    expected = golden["logits"].astype(np.float32)
    close("forward = golden", model.run(ids, "--entry=forward"), expected)
    same("int32 token ids", model.run(ids.astype(np.int32), "--entry=forward"),
         model.run(ids, "--entry=forward"))
    if model.foreign_run:
        return  # ssmc-generate is of this machine
    for name, prompt, generated in continuations(golden):
        wanted = generated[:, prompt.shape[1]:]
        same(f"greedy tokens = golden {name}", model.generate(prompt, wanted.shape[1]), wanted)


def compare_forms(model, vocabulary, lengths):
    random = np.random.default_rng(7)
    for length in lengths:
        for batch in BATCHES:
            # The longest at one batch only: what it adds is length.
            if length == 1000 and batch != 2:
                continue
            ids = random.integers(0, vocabulary, (batch, length))
            name = f"B {batch} L {length}: "
            forward = model.run(ids, "--entry=forward", "--threads=2")
            same(name + "1 thread = 2", model.run(ids, "--entry=forward", "--threads=1"), forward)
            same(name + "prefill = forward", model.run(ids, "--entry=prefill"), forward)
            same(name + "steps = forward",
                 model.run(ids, f"--splits={','.join(['1'] * length)}", "--step-ones"), forward)
            if length > 2:
                cuts = np.sort(random.choice(np.arange(1, length), 2, replace=False))
                pieces = np.diff([0, *cuts, length])
                splits = ",".join(map(str, pieces))
                same(name + f"prefill in {splits}", model.run(ids, f"--splits={splits}"), forward)
            if length <= 65 and batch == 2:
                close(name + "forward = interpreter", forward, model.interpret(ids))
            if batch > 1:
                alone = model.run(ids[-1:], "--entry=forward")
                same(name + "row alone", alone, forward[-1:])


def compare_states(model, vocabulary):
    ids = np.random.default_rng(8).integers(0, vocabulary, (2, 40))
    whole = model.run(ids, "--splits=23,17")
    state = model.work / "state.ssm"
    head = model.run(ids[:, :23], "--entry=prefill", f"--save-state={state}")
    tail = model.run(ids[:, 23:], "--entry=prefill", f"--load-state={state}")
    same("state saved, continued in a new process", np.concatenate([head, tail], 1), whole)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--target-cpu", default="native")
    parser.add_argument("--run", help="the command that stands for ssmc-run")
    parser.add_argument("--quick", action="store_true", help="fewer lengths")
    parser.add_argument("checkpoints", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if not (options.bin / "ssmc").exists():
        print(f"skipped: there is no compiler in {options.bin}")
        sys.exit(SKIPPED)
    found = [c for c in options.checkpoints if c.is_dir()]
    for checkpoint in options.checkpoints:
        if checkpoint not in found:
            print(f"skipped: {checkpoint} is not there")
    for number, checkpoint in enumerate(found):
        print(f"-- {checkpoint.name}")
        with tempfile.TemporaryDirectory() as directory:
            model = Model(options, checkpoint, pathlib.Path(directory))
            golden = np.load(checkpoint / "golden.npz")
            compare_with_golden(model, golden)
            vocabulary = golden["logits"].shape[-1]
            compare_states(model, vocabulary)
            # All shapes on the first model: the others differ in nothing that
            # depends on them.
            if number == 0:
                compare_forms(model, vocabulary, QUICK_LENGTHS if options.quick else LENGTHS)
    if not found:
        sys.exit(SKIPPED)
    print(f"{failures} failed")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
