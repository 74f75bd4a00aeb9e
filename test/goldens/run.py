#!/usr/bin/env python3
"""Compare the reference interpreter with what other implementations computed.

  run.py ops --ssmc-run=...                        the op vectors of data/
  run.py models --ssmc-run=... --ssmc-import=... DIR...   checkpoints with logits

Each op vector runs as one call, and as two calls that pass the state on.
Prints one line per comparison with the error and its bound; exit status 1 if a
bound is passed, 77 (skipped) if nothing could be run.
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

import cases

# Of the worst of a case's results: max|error| / max|expected|.
OPS_BOUND = {"f64": 1e-13, "f32": 1e-6}
# Logits, whose reference is itself float32: rms(error) / rms(expected).
MODEL_BOUND = 1e-5


class Runner:
    def __init__(self, ssmc_run, directory):
        self.ssmc_run = ssmc_run
        self.directory = directory

    def call(self, module, precision, inputs, results):
        """The first `results` results of @forward."""
        command = [self.ssmc_run, f"--reference={precision}", module, "--entry=forward"]
        for i, array in enumerate(inputs):
            path = self.directory / f"in{i}.npy"
            np.save(path, np.ascontiguousarray(array))
            command.append(f"--input=@{path}")
        outputs = [self.directory / f"out{i}.npy" for i in range(results)]
        command += [f"--output=@{path}" for path in outputs]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
        return [np.load(path) for path in outputs]


def report(name, error, bound):
    good = bool(error <= bound)  # false for NaN
    print(f"{'ok  ' if good else 'FAIL'} {name:46} {error:8.1e} (bound {bound:.0e})")
    return good


def relative_error(name, got, expected):
    if got.shape != expected.shape:
        sys.exit(f"{name}: expected shape {expected.shape}, got {got.shape}")
    return np.abs(got - expected).max() / (np.abs(expected).max() or 1.0)


def run_case(runner, case, precision, split):
    """Runs `case` in calls of `split` time steps and the rest; one call if 0."""
    length = case.expected.shape[1]
    bounds = [0, split, length] if split else [0, length]
    states = [case.initial[n] for n in case.states] if case.initial else None
    parts = []
    for begin, end in zip(bounds, bounds[1:]):
        module = runner.directory / "case.mlir"
        module.write_text(case.module(with_init=states is not None))
        inputs = [array[:, begin:end] for array in case.inputs.values()]
        inputs += [*case.parameters.values(), *(states or [])]
        y, *states = runner.call(module, precision, inputs, 1 + len(case.states))
        parts.append(y)
    name = f"{case.name} {precision}" + (f" split at {split}" if split else "")
    errors = [relative_error(name, np.concatenate(parts, axis=1), case.expected)]
    for key, state in zip(case.states, states):
        errors.append(relative_error(f"{name}: state {key}", state, case.states[key]))
    return report(name, np.max(errors), OPS_BOUND[precision])


def run_ops(runner):
    good = True
    for case in cases.all_cases():
        for precision in OPS_BOUND:
            for split in sorted({0, case.expected.shape[1] // 3}):
                good &= run_case(runner, case, precision, split)
    return good


def run_models(runner, ssmc_import, directories):
    good, ran = True, False
    for directory in directories:
        if not (directory / "golden.npz").exists():
            print(f"skipped: no {directory / 'golden.npz'}")
            continue
        ran = True
        module = runner.directory / "model.mlir"
        done = subprocess.run([ssmc_import, directory, "-o", module], capture_output=True,
                              text=True)
        if done.returncode:
            sys.exit(done.stderr)
        golden = np.load(directory / "golden.npz")
        expected = golden["logits"].astype(np.float64)
        for precision in ("f64", "f32"):
            got, = runner.call(module, precision, [golden["input_ids"]], 1)
            rms = np.sqrt(np.mean((got - expected) ** 2) / np.mean(expected ** 2))
            good &= report(f"{directory.name} {precision}", rms, MODEL_BOUND)
    return good if ran else None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=["ops", "models"])
    parser.add_argument("directories", nargs="*", type=pathlib.Path)
    parser.add_argument("--ssmc-run", required=True)
    parser.add_argument("--ssmc-import")
    arguments = parser.parse_intermixed_args()
    if arguments.suite == "ops" and arguments.directories:
        parser.error("expected no directories for ops")
    if arguments.suite == "models" and not (arguments.directories and arguments.ssmc_import):
        parser.error("expected directories and --ssmc-import for models")
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(arguments.ssmc_run, pathlib.Path(directory))
        if arguments.suite == "ops":
            good = run_ops(runner)
        else:
            good = run_models(runner, arguments.ssmc_import, arguments.directories)
    return SKIPPED if good is None else not good


if __name__ == "__main__":
    sys.exit(main())
