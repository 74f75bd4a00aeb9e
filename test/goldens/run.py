#!/usr/bin/env python3
"""Compare ssmc with what other implementations computed.

  run.py ops --bin=build/dev/bin                  the op vectors of data/, interpreted
  run.py ops --bin=build/dev/bin --compiled       the same, compiled
  run.py models --bin=build/dev/bin CHECKPOINT... logits of checkpoints, interpreted

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

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import named_cases  # noqa: E402
from checkpoint import write_checkpoint  # noqa: E402

# Logits, whose reference is itself float32: rms(error) / rms(expected).
MODEL_BOUND = 1e-5

failures = 0


def report(name, error, bound):
    global failures
    good = bool(error <= bound)  # false for NaN
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name:54} {error:8.1e} (bound {bound:.0e})")


def relative_error(name, got, expected):
    if got.shape != expected.shape:
        sys.exit(f"{name}: expected shape {expected.shape}, got {got.shape}")
    return np.abs(got - expected).max() / (np.abs(expected).max() or 1.0)


class Tools:
    def __init__(self, folder, work):
        self.folder, self.work = folder, work

    def run(self, name, *arguments):
        command = [str(self.folder / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")

    def call(self, program, flags, inputs, results):
        """The first `results` results of an artifact or, interpreted, a module."""
        for i, array in enumerate(inputs):
            np.save(self.work / f"in{i}.npy", np.ascontiguousarray(array))
        outputs = [self.work / f"out{i}.npy" for i in range(results)]
        self.run("ssmc-run", program, *flags,
                 *[f"--input=@{self.work}/in{i}.npy" for i in range(len(inputs))],
                 *[f"--output=@{path}" for path in outputs])
        return [np.load(path) for path in outputs]

    def compile(self, module, *flags):
        artifact = self.work / "case.fb"
        self.run("ssmc", module, "-o", artifact, "--target-cpu=native", *flags)
        return artifact


def run_forward(case, form, split, call, bound):
    """One call, or one of `split` time steps and one of the rest that starts
    from the states of the first. `call` takes inputs, initial
    states if there are any, and how many results are wanted."""
    length = case.expected.shape[1]
    bounds = [0, split, length] if split else [0, length]
    states = [case.initial[n] for n in case.states] if case.initial else None
    parts = []
    for begin, end in zip(bounds, bounds[1:]):
        inputs = [array[:, begin:end] for array in case.inputs.values()]
        y, *states = call(inputs, states, 1 + len(case.states))
        parts.append(y)
    name = f"{case.name}, {form}" + (f" split at {split}" if split else "")
    errors = [relative_error(name, np.concatenate(parts, axis=1), case.expected)]
    for key, state in zip(case.states, states):
        errors.append(relative_error(f"{name}: state {key}", state, case.states[key]))
    report(name, np.max(errors), bound)


def write_module(tools, text):
    path = tools.work / "case.mlir"
    path.write_text(text)
    return path


def all_cases():
    yield from cases.all_cases()
    yield from named_cases.all_cases()


def splits_of(case):
    """Without states in the vector there is nothing to start the rest from."""
    return sorted({0, case.expected.shape[1] // 3 if case.states else 0})


def interpret_ops(tools):
    for case in all_cases():
        for precision, bound in [("f64", case.float64_bound), ("f32", case.float32_bound)]:
            def call(inputs, states, results):
                module = write_module(tools, case.module(stored=False, with_init=states is not None))
                return tools.call(module, [f"--reference={precision}", "--entry=forward"],
                                  [*inputs, *case.parameters.values(), *(states or [])], results)

            for split in splits_of(case):
                run_forward(case, f"interpreted in {precision}", split, call, bound)


def run_carried(case, tools):
    """The derived entries, which carry the states themselves."""
    artifact = tools.compile(write_module(tools, case.model()))
    length = case.expected.shape[1]
    inputs = [array.astype(np.float32) for array in case.inputs.values()]
    split = length // 3
    forms = [("forward", ["--entry=forward"])]
    if case.causal:
        forms += [("prefill", ["--entry=prefill"]),
                  ("steps", [f"--splits={','.join(['1'] * length)}", "--step-ones"])]
    if case.causal and split:
        forms.append((f"prefill split at {split}", [f"--splits={split},{length - split}"]))
    for form, flags in forms:
        y, = tools.call(artifact, flags, inputs, 1)
        name = f"{case.name}, {form}"
        report(name, relative_error(name, y, case.expected), case.float32_bound)


def compile_ops(tools):
    for case in all_cases():
        write_checkpoint(tools.work, case.parameters)
        module = write_module(tools, case.module(stored=True, with_init=True))
        artifact = tools.compile(module, "--entry=forward")

        def call(inputs, states, results):
            states = states or [np.zeros_like(state) for state in case.states.values()]
            arguments = [array.astype(np.float32) for array in [*inputs, *states]]
            return tools.call(artifact, ["--entry=forward"], arguments, results)

        for split in splits_of(case):
            run_forward(case, "states as arguments", split, call, case.float32_bound)
        if not case.initial:
            run_carried(case, tools)


def interpret_models(tools, directories):
    """Whether there was any."""
    directories = [d for d in directories if (d / "golden.npz").exists()]
    for directory in directories:
        module = tools.work / "model.mlir"
        tools.run("ssmc-import", directory, "-o", module)
        golden = np.load(directory / "golden.npz")
        expected = golden["logits"].astype(np.float64)
        for precision in ("f64", "f32"):
            flags = [f"--reference={precision}", "--entry=forward"]
            got, = tools.call(module, flags, [golden["input_ids"]], 1)
            rms = np.sqrt(np.mean((got - expected) ** 2) / np.mean(expected ** 2))
            report(f"{directory.name}, interpreted in {precision}", rms, MODEL_BOUND)
    return bool(directories)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    suites = parser.add_subparsers(dest="suite", required=True)
    ops = suites.add_parser("ops")
    ops.add_argument("--compiled", action="store_true")
    models = suites.add_parser("models")
    models.add_argument("checkpoints", nargs="+", type=pathlib.Path)
    for suite in (ops, models):
        suite.add_argument("--bin", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        tools = Tools(arguments.bin, pathlib.Path(work))
        if arguments.suite == "models":
            if not interpret_models(tools, arguments.checkpoints):
                print("skipped: no checkpoint is there")
                return SKIPPED
        elif arguments.compiled:
            compile_ops(tools)
        else:
            interpret_ops(tools)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
