#!/usr/bin/env python3
"""Derive every parallel form of the recurrences in bodies.mlir; interpret it in
float64 beside the recurrence as written.

  run.py --bin=build/dev/bin

Prints one line per recurrence and algorithm; exit status 1 if a form differs or
does not apply where FORMS says so, 77 without NumPy.
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

ALGORITHMS = ["chunked", "associative", "newton"]
FORMS = {
    "token_shift": "a", "sum": "ca", "alternating": "ca", "moving_average": "ca",
    "reset_scan": "ca", "selective_scan": "ca", "ssd": "ca", "read_twice": "ca",
    "head_decay": "ca", "rwkv6": "ca",
    "normalized": "ca", "mlstm": "ca", "delta_rule": "ca", "rwkv7": "ca",
    "delta_product": "ca", "micro_steps": "ca", "complex": "a", "oscillator": "a", "dense": "a",
    "complex_product": "a", "dense_selective": "a", "max_plus": "a",
    "monoid": "a", "spread": "a", "action": "a", "gru": "n", "lstm": "n",
    "rectified": "n",
}
CHUNKS = [1, 4, 7]
BATCH = 2
EXTREME = [0.0, 1.0, 1 - 1e-7, -1.0, np.exp(-1e4), 1e-30]
BOUND = 1e-10  # of the largest result

failures = 0


def signatures(text):
    pattern = r"func\.func @(\w+)\((.*?)\)\s*->\s*(.*?) \{"
    for name, arguments, results in re.findall(pattern, text, re.S):
        yield name, re.findall(r"%(\w+): tensor<([\w?]+)xf32>", arguments), results.count("tensor<")


def sample(rng, name, shape):
    x = rng.standard_normal(shape).astype(np.float32)
    if name.startswith("reset"):
        return (x > 0.8).astype(np.float32)
    if name.startswith("key"):
        return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-3).astype(np.float32)
    if name.startswith("decay"):
        extreme = rng.choice(np.float32(EXTREME), shape)
        return np.where(rng.random(shape) < 0.4, extreme, np.tanh(x) * np.float32(0.9))
    return x


def shape_of(text, length):
    return [int(e) if e != "?" else length if axis == 1 else BATCH
            for axis, e in enumerate(text.split("x"))]


class Tools:
    def __init__(self, folder, work):
        self.folder, self.work = folder, work

    def run(self, tool, *arguments, may_fail=""):
        """Whether the program succeeds; if not, its message has `may_fail`."""
        done = subprocess.run([self.folder / tool, *arguments], capture_output=True, text=True)
        if done.returncode and (not may_fail or may_fail not in done.stderr):
            sys.exit(f"{tool} {' '.join(map(str, arguments))}\n{done.stderr[:2000]}")
        return done.returncode == 0

    def call(self, module, entry, inputs, results):
        flags = []
        for i, array in enumerate(inputs):
            np.save(self.work / f"in{i}.npy", np.ascontiguousarray(array))
            flags.append(f"--input=@{self.work}/in{i}.npy")
        flags += [f"--output=@{self.work}/out{i}.npy" for i in range(results)]
        self.run("ssmc-run", "--reference", module, f"--entry={entry}", *flags)
        return [np.load(self.work / f"out{i}.npy") for i in range(results)]


def check(name, good, detail):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name:44} {detail}", flush=True)


def difference(got, expected):
    """The largest error, over the largest result; infinite where NaN is new."""
    worst = 0.0
    for g, e in zip(got, expected):
        g, e = g.astype(np.float64), e.astype(np.float64)
        finite = np.isfinite(e)
        if g.shape != e.shape or not np.isfinite(g[finite]).all():
            return np.inf
        if finite.any():
            worst = max(worst, np.abs(g - e)[finite].max() / max(1, np.abs(e[finite]).max()))
    return worst


def compare(tools, name, parameters, results, algorithm, chunk):
    source = tools.work / f"{name}.mlir"
    derived = tools.work / f"{name}.{algorithm}.mlir"
    if not tools.run("ssmc-opt", source, "-o", derived,
                     f"--ssmc-derive-chunks=algorithm={algorithm} chunk={chunk}",
                     may_fail="to apply to some recurrence"):
        return None
    rng = np.random.default_rng(chunk)
    worst = 0.0
    for length in [0, 1, chunk, 3 * chunk + 2]:
        for broken in [False, True]:
            inputs = [sample(rng, n, shape_of(s, length)) for n, s in parameters]
            if broken and length:
                # One NaN in one input: only what depends on it may be NaN.
                timed = [x for x, (n, s) in zip(inputs, parameters) if s.startswith("?x?")]
                target = timed[rng.integers(len(timed))]
                target.reshape(BATCH, length, -1)[0, length // 2, 0] = np.nan
            expected = tools.call(source, name, inputs, results)
            got = tools.call(derived, name, inputs, results)
            worst = max(worst, difference(got, expected))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    text = (pathlib.Path(__file__).parent / "bodies.mlir").read_text()
    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(options.bin, pathlib.Path(folder))
        functions = re.split(r"(?m)^(?=func\.func)", text)[1:]
        for function, (name, parameters, results) in zip(functions, signatures(text)):
            if options.only not in name:
                continue
            body = re.sub(r"(?m)^//.*\n", "", function)
            (tools.work / f"{name}.mlir").write_text(body)
            for algorithm in ALGORITHMS:
                worst = [compare(tools, name, parameters, results, algorithm, chunk)
                         for chunk in CHUNKS]
                applies = None not in worst
                wanted = algorithm[0] in FORMS[name]
                if applies:
                    check(f"{name} {algorithm}", wanted and max(worst) <= BOUND,
                          f"error {max(worst):.1e}")
                else:
                    check(f"{name} {algorithm}", not wanted, "does not apply")
    sys.exit(bool(failures))


main()
