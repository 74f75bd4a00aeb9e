#!/usr/bin/env python3
"""Compare reorderings of the length axis with NumPy.

  traverse.py --bin=build/dev/bin

Curves through grids, there and back, by index tables written from formulas of the
literature (not from the compiler's, which sorts cells by their place on the
curve); indices given at run time; flips and shifts of any length. Interpreted
and compiled. Exit status 1 if one differs, 77 if nothing could be run.
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

failures = 0


def check(name, got, expected):
    global failures
    good = got.shape == expected.shape and np.array_equal(got, expected)
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name}", flush=True)


# --- Curves -------------------------------------------------------------------
# Each gives the coordinates that it visits, in order, through a grid at least as
# large as `shape`.


def raster(shape):
    return [index for index in np.ndindex(*shape)]


def serpentine(shape):
    if len(shape) == 1:
        return [(i,) for i in range(shape[0])]
    cells = []
    for i in range(shape[0]):
        inner = serpentine(shape[1:])
        cells += [(i, *rest) for rest in (inner if i % 2 == 0 else inner[::-1])]
    return cells


def diagonal(shape):
    return [(j, s - j) for s in range(sum(shape)) for j in range(s + 1)]


def zigzag(shape):
    cells = []
    for s in range(sum(shape)):
        cells += [(s - j, j) if s % 2 == 0 else (j, s - j) for j in range(s + 1)]
    return cells


def bits_of(shape):
    return max(int(np.ceil(np.log2(max(shape)))), 0)


def z_order(shape):
    rank, bits = len(shape), bits_of(shape)
    cells = []
    for t in range(2**(rank * bits)):
        word = [t >> i & 1 for i in reversed(range(rank * bits))]
        cells.append(tuple(sum(b << (bits - 1 - i) for i, b in enumerate(word[axis::rank]))
                           for axis in range(rank)))
    return cells


def hilbert(shape):
    """Skilling's decoding: bits, Gray code, dealt to the axes, then exchanges from the
    lowest bit to the highest."""
    rank, bits = len(shape), bits_of(shape)
    cells = []
    for t in range(2**(rank * bits)):
        word = [t >> i & 1 for i in reversed(range(rank * bits))]
        gray = [b ^ (word[i - 1] if i else 0) for i, b in enumerate(word)]
        x = [gray[axis::rank] for axis in range(rank)]
        for bit in reversed(range(bits)):
            for axis in reversed(range(rank)):
                m = x[axis][bit]
                for k in range(bit + 1, bits):
                    if m:
                        x[0][k] ^= 1
                    else:
                        x[0][k], x[axis][k] = x[axis][k], x[0][k]
        cells.append(tuple(int("".join(map(str, b)) or "0", 2) for b in x))
    return cells


def blocks(shape, size, atrous):
    counts = [-(-extent // size) for extent in shape]
    inner, outer = ([size] * len(shape), counts)
    cells = []
    for first in np.ndindex(*(inner if atrous else outer)):
        for second in np.ndindex(*(outer if atrous else inner)):
            phase, block = (first, second) if atrous else (second, first)
            cells.append(tuple(b * size + p for b, p in zip(block, phase)))
    return cells


def table(curve, shape, axes=None, mirror=(), reverse=False):
    axes = list(axes or range(len(shape)))
    numbers = []
    for cell in curve([shape[axis] for axis in axes]):
        grid = [0] * len(shape)
        for coordinate, axis in zip(cell, axes):
            grid[axis] = coordinate
        if any(not 0 <= g < extent for g, extent in zip(grid, shape)):
            continue
        grid = [e - 1 - g if a in mirror else g for a, (g, e) in enumerate(zip(grid, shape))]
        numbers.append(int(np.ravel_multi_index(grid, shape)))
    assert sorted(numbers) == list(range(int(np.prod(shape))))
    return np.array(numbers[::-1] if reverse else numbers)


# --- Running --------------------------------------------------------------------


class Tools:
    def __init__(self, folder, work):
        self.folder, self.work = folder, work

    def run(self, name, *arguments, expect_failure=False):
        command = [str(self.folder / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if (done.returncode != 0) != expect_failure:
            sys.exit(f"{' '.join(command)}\nexit status {done.returncode}\n{done.stderr}")
        return done.stderr

    def results(self, program, inputs, count, *flags):
        for i, array in enumerate(inputs):
            np.save(self.work / f"in{i}.npy", array)
        outputs = [self.work / f"out{i}.npy" for i in range(count)]
        self.run("ssmc-run", program, *flags, "--entry=forward",
                 *[f"--input=@{self.work}/in{i}.npy" for i in range(len(inputs))],
                 *[f"--output=@{path}" for path in outputs])
        return [np.load(path) for path in outputs]

    def compile(self, text):
        (self.work / "model.mlir").write_text(text)
        self.run("ssmc", self.work / "model.mlir", "-o", self.work / "model.fb",
                 "--target-cpu=native")

    def both(self, name, inputs, expected):
        """Interprets and runs what was compiled; `expected` lists (name, array)."""
        for how, program, flags in [("interpreted", "model.mlir", ["--reference=f64"]),
                                    ("compiled", "model.fb", [])]:
            program = self.work / program
            results = self.results(program, inputs, len(expected), *flags)
            for (what, wanted), got in zip(expected, results):
                check(f"{how}: {name}{what}", got, wanted)


def some(*shape):
    """Small integers, so that adding one is exact."""
    return np.random.default_rng(len(shape)).integers(-999, 999, shape).astype(np.float32)


def forward(arguments, body, values, types):
    return (f"func.func @forward({arguments}) -> ({', '.join(types)}) {{\n" + "\n".join(body)
            + f"\n  return {', '.join(values)} : {', '.join(types)}\n}}\n")


# --- Cases ----------------------------------------------------------------------

GRIDS = [(1,), (7,), (1, 1), (2, 2), (4, 4), (8, 8), (3, 5), (1, 9), (6, 1), (2, 3, 4), (5, 1, 2)]


def curves_of(shape):
    yield "raster", raster, {}
    yield "serpentine", serpentine, {}
    if len(shape) == 2:
        yield "diagonal", diagonal, {}
        yield "zigzag", zigzag, {}
        yield "hilbert", hilbert, {"axes": [1, 0], "mirror": [0], "reverse": True}
        yield "zigzag", zigzag, {"mirror": [1]}
        yield "raster", raster, {"axes": [1, 0]}
    if len(shape) == 3:
        yield "serpentine", serpentine, {"axes": [2, 0, 1], "mirror": [0, 2]}
    yield "z_order", z_order, {}
    yield "hilbert", hilbert, {}
    for size in (1, 3, 100):
        yield "atrous", lambda s, n=size: blocks(s, n, True), {"size": size}
        yield "window", lambda s, n=size: blocks(s, n, False), {"size": size}


def test_curves(tools):
    for grid, shape in enumerate(GRIDS):
        length = int(np.prod(shape))
        later = [(5,), (), (3, 17)][grid % 3]
        x = some(2, length, *later)
        kind = "x".join(["?", str(length), *map(str, later)]) + "xf32"
        body, values, types, expected = [], [], [], []
        for order, curve, options in curves_of(shape):
            n = len(values)
            words = f"{order} shape {list(shape)}"
            for word in ("axes", "mirror"):
                words += f" {word} {options[word]}" if word in options else ""
            words += f" size({options['size']})" if "size" in options else ""
            words += " reverse" if options.get("reverse") else ""
            there = table(curve, shape, *(options.get(k, d) for k, d in
                                          [("axes", None), ("mirror", ()), ("reverse", False)]))
            suffix = f": tensor<{kind}>, tensor<{length}xi64>"
            body += [f"  %t{n} = ssm.traversal {words}",
                     f"  %y{n} = ssm.traverse %x, %t{n} {suffix}",
                     f"  %z{n} = ssm.traverse %y{n}, %t{n} inverse {suffix}",
                     f"  %i{n} = ssm.traversal {words} inverse",
                     f"  %w{n} = ssm.traverse %x, %i{n} {suffix}"]
            values += [f"%y{n}", f"%z{n}", f"%w{n}"]
            types += [f"tensor<{kind}>"] * 3
            expected += [(words, x[:, there]), (words + ", and back", x),
                         (words + ", inverse table", x[:, np.argsort(there)])]
        tools.compile(forward(f"%x: tensor<{kind}>", body, values, types))
        tools.both("", [x], expected)


def test_indices(tools):
    random = np.random.default_rng(3)
    x = some(3, 11, 18)
    orders = np.stack([random.permutation(11) for _ in range(3)])
    walk = random.integers(0, 11, 11)
    scattered = np.ones_like(x)  # one added to the zeros of steps without an index
    for t, index in enumerate(walk):
        scattered[:, index] = x[:, t] + 1
    picked = random.integers(0, 11, (3, 4))
    body = ["  %a = ssm.traverse %x, %orders : tensor<?x11x18xf32>, tensor<?x11xi64>",
            "  %b = ssm.traverse %a, %orders inverse : tensor<?x11x18xf32>, tensor<?x11xi64>",
            '  %scale = ssm.weight "ones" splat(1.0) : tensor<18xf32>',
            "  %c = ssm.traverse %x, %walk inverse : tensor<?x11x18xf32>, tensor<11xi64>",
            "  %ones = ssm.broadcast %scale like %c [2] : tensor<18xf32>, tensor<?x11x18xf32>",
            "  %d = arith.addf %c, %ones : tensor<?x11x18xf32>",
            "  %e = ssm.traverse %x, %picked : tensor<?x11x18xf32>, tensor<?x4xi64>",
            "  %f = arith.negf %e : tensor<?x4x18xf32>"]
    tools.compile(
        forward("%x: tensor<?x11x18xf32>, %orders: tensor<?x11xi64>, %walk: tensor<11xi64>, "
                "%picked: tensor<?x4xi64>", body, ["%a", "%b", "%d", "%f"],
                ["tensor<?x11x18xf32>"] * 3 + ["tensor<?x4x18xf32>"]))
    rows = np.arange(3)[:, None]
    tools.both("indices: ", [x, orders, walk, picked],
               [("per batch row", x[rows, orders]), ("and back", x),
                ("a walk, scattered", scattered), ("four steps", -x[rows, picked])])
    for bad in (-1, 11):
        orders[1, 2] = bad
        np.save(tools.work / "in1.npy", orders)
        for program, flags in [("model.fb", []), ("model.mlir", ["--reference=f64"])]:
            message = tools.run("ssmc-run", tools.work / program, *flags, "--entry=forward",
                                *[f"--input=@{tools.work}/in{i}.npy" for i in range(4)],
                                expect_failure=True)
            good = "[0, 11)" in message and f" {bad} at " in message
            global failures
            failures += not good
            print(f"{'ok  ' if good else 'FAIL'} index {bad}: {message.strip()}")


def test_flips_and_shifts(tools):
    shifts = [1, 3, -1, -2]
    for later in [(), (19,), (2, 5)]:
        tail = "".join(f"{n}x" for n in later)
        kind = f"tensor<?x?x{tail}f32>"
        body = [f"  %flipped = ssm.flip %x : {kind}"]
        body += [f"  %s{i}, %w{i} = ssm.shift %x by({n}) : {kind}" for i, n in enumerate(shifts)]
        values = ["%flipped"] + [f"%s{i}" for i in range(len(shifts))]
        tools.compile(forward(f"%x: {kind}", body, values, [kind] * len(values)))
        for length in [0, 1, 2, 9, 300]:
            x = some(2, length, *later)
            expected = [("flip", x[:, ::-1])]
            for n in shifts:
                y = np.zeros_like(x)
                if n > 0:
                    y[:, n:] = x[:, :-n]
                else:
                    y[:, :n] = x[:, -n:]
                expected.append((f"shift by {n}", y))
            tools.both(f"length {length}, {list(later)}: ", [x], expected)


def test_reshapes(tools):
    """Heads apart and together again, in memory and computed on the way."""
    for width, first, second in [(24, [3, 8], [4, 6]), (96, [2, 48], [32, 3]), (5, [5, 1], [1, 5])]:
        kinds = ["tensor<?x?x" + "".join(f"{n}x" for n in shape) + "f32>"
                 for shape in ([width], first, second, [width])]
        body = [f"  %n = arith.negf %x : {kinds[0]}",
                f"  %a = ssm.reshape %x : {kinds[0]} to {kinds[1]}",
                f"  %na = ssm.reshape %n : {kinds[0]} to {kinds[1]}",
                f"  %nb = ssm.reshape %na : {kinds[1]} to {kinds[2]}",
                f"  %s = arith.addf %a, %na : {kinds[1]}",
                f"  %f = ssm.flip %nb : {kinds[2]}",
                f"  %c = ssm.reshape %f : {kinds[2]} to {kinds[3]}",
                f"  %y = arith.addf %c, %x : {kinds[3]}"]
        tools.compile(forward(f"%x: {kinds[0]}", body, ["%a", "%nb", "%s", "%y"],
                              [kinds[i] for i in (1, 2, 1, 3)]))
        x = some(2, 9, width)
        tools.both(f"reshape {width} to {first}, {second}: ", [x],
                   [("apart", x.reshape(2, 9, *first)), ("negated", -x.reshape(2, 9, *second)),
                    ("added", np.zeros((2, 9, *first), np.float32)),
                    ("flipped, together", x - x[:, ::-1])])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    options = parser.parse_args()
    if not (options.bin / "ssmc").exists():
        print(f"skipped: there is no compiler in {options.bin}")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as directory:
        tools = Tools(options.bin, pathlib.Path(directory))
        test_curves(tools)
        test_indices(tools)
        test_flips_and_shifts(tools)
        test_reshapes(tools)
    print(f"{failures} failed")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
