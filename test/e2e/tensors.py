#!/usr/bin/env python3
"""Compile recurrences that run on tensors in memory; compare with the interpreter.

  tensors.py --bin=build/dev/bin [MODULE.mlir...]

Without modules, those in tensors/ beside this file. Lengths lie around whole
chunks; the forms are @forward, @prefill split in two calls, and single steps,
where the model is causal. Exit status 1 if one differs, 77 without NumPy.
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

# Relative to the largest element of the expected output.
TOLERANCE = 2e-6


def run(folder, name, *arguments):
    command = [str(folder / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr[:2000]}")


def input_shapes(text):
    """The types of @forward's arguments, None for an open extent."""
    aliases = dict(re.findall(r"^(!\w+) = (tensor<\S+>)", text, re.MULTILINE))
    signature = re.search(r"func\.func @forward\((.*?)\) ->", text, re.DOTALL)[1]
    for kind in re.findall(r": (!?\w+(?:<[^>]*>)?)", signature):
        extents = re.match(r"tensor<(.*)xf32>", aliases.get(kind, kind))[1].split("x")
        yield [None if extent == "?" else int(extent) for extent in extents]


def check(folder, module, work):
    text = module.read_text()
    artifact = work / "model.fb"
    run(folder, "ssmc", module, "-o", artifact, "--target-cpu=native")
    chunk = int((re.search(r"chunk\((\d+)\)", text) or [0, 8])[1])
    causal = " reverse" not in text
    random = np.random.default_rng(1)
    worst = 0.0
    for length in sorted({0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 2}):
        inputs = []
        for i, shape in enumerate(input_shapes(text)):
            extents = [(2, length)[axis] if extent is None else extent
                       for axis, extent in enumerate(shape)]
            np.save(work / f"in{i}.npy", random.standard_normal(extents).astype(np.float32))
            inputs.append(f"--input=@{work}/in{i}.npy")
        output = work / "out.npy"
        run(folder, "ssmc-run", "--reference=f64", module, "--entry=forward", *inputs,
            f"--output=@{output}")
        expected = np.load(output).astype(np.float64)
        forms = {"forward": ["--entry=forward"]}
        if causal and length > 1:
            forms["split"] = [f"--splits={length // 2},{length - length // 2}"]
            forms["steps"] = ["--splits=" + ",".join(["1"] * length), "--step-ones"]
        for form, flags in forms.items():
            run(folder, "ssmc-run", artifact, *flags, *inputs, f"--output=@{output}")
            got = np.load(output)
            error = 0.0
            if got.shape != expected.shape:
                error = float("inf")
            elif got.size:
                error = np.abs(got - expected).max() / max(1e-30, np.abs(expected).max())
            worst = max(worst, error)
            if not error <= TOLERANCE:
                print(f"FAIL {module.name} {form} at length {length}: error {error:.1e}")
                return False
    print(f"ok   {module.name} error {worst:.1e}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("modules", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    modules = options.modules or sorted((pathlib.Path(__file__).parent / "tensors").glob("*.mlir"))
    good = True
    for module in modules:
        with tempfile.TemporaryDirectory() as work:
            try:
                good = check(options.bin, module, pathlib.Path(work)) and good
            except RuntimeError as error:
                print(f"FAIL {module.name}: {error}", flush=True)
                good = False
    return 0 if good else 1


sys.exit(main())
