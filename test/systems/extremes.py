#!/usr/bin/env python3
"""Extreme decays, lengths, NaN and 2^20 steps, for a system of each structure.

  extremes.py --bin=build/dev/bin

Compiled results against the references of this folder in float64, or bit for
bit against the same program on other inputs. Prints one line per check; exit
status 1 if one fails, 77 (skipped) without NumPy.
"""
import argparse
import importlib
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

from harness.forms import as_float32  # noqa: E402
from harness.system import System  # noqa: E402
from harness.tools import Tools  # noqa: E402

failures = 0


def check(name, good, detail):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name:56} {detail}", flush=True)


class Program:
    """A compiled system at small sizes, and its reference's inputs."""

    def __init__(self, tools, name, sizes, algorithm=None):
        self.tools, self.sizes, self.algorithm = tools, sizes, algorithm
        self.name = f"{name}, {algorithm}" if algorithm else name
        system = System(name)
        self.reference = system.reference
        self.parameters = as_float32(system.parameters(np.random.default_rng(20_13), sizes))
        tools.write_module(system.render(sizes), self.parameters)
        tools.compile(*([f"--ssm-algorithm={algorithm}"] if algorithm else []))
        self.results = len(self.reference.forward(self.inputs(1, 1), self.parameters, **sizes))

    def inputs(self, batch, length):
        rng = np.random.default_rng(20_14)
        return as_float32(self.reference.inputs(rng, batch, length, **self.sizes))

    def expect(self, inputs):
        return self.reference.forward(inputs, self.parameters, **self.sizes)

    def run(self, inputs, *flags):
        return self.tools.execute(list(inputs.values()), self.results,
                                  *(flags or ["--entry=forward"]))


def programs(tools, name, sizes):
    """By default, then by every algorithm that the analysis allows."""
    yield Program(tools, name, sizes)
    for algorithm in tools.analyze()[1]:
        yield Program(tools, name, sizes, algorithm)


def largest_error(got, expected):
    """max|error| / max|expected|, the worst of all results; inf for NaN."""
    errors = [np.abs(ours - theirs).max(initial=0) / (np.abs(theirs).max(initial=0) or 1)
              for ours, theirs in zip(got, expected)]
    return max(np.inf if np.isnan(error) else error for error in errors)


# Attention-like systems whose argument g is the logarithm of a decay.
ATTENTION, ATTENTION_2 = {"H": 2, "K": 3, "V": 4}, {"H": 1, "K": 2, "V": 2}
DECAYED = {"simple_gla": ATTENTION, "gla": ATTENTION, "gated_deltanet": ATTENTION,
           "dplr": ATTENTION, "gdn2": ATTENTION, "hgrn": {"D": 19}}
LOG_DECAYS = {"one": 0.0, "one less 1e-7": np.log1p(-1e-7), "exp(-1e4)": -1e4}
FLOAT32_BOUND = 1e-5  # as in harness/compare.py


def check_decays(program):
    """All steps with one extreme decay, then extremes among others."""
    inputs = program.inputs(2, 130)
    rng = np.random.default_rng(20_15)
    mixed = rng.choice([*LOG_DECAYS.values(), -0.3], inputs["g"].shape)
    cases = {name: np.full_like(inputs["g"], value) for name, value in LOG_DECAYS.items()}
    for name, g in {**cases, "mixed": mixed}.items():
        changed = as_float32({**inputs, "g": g})
        error = largest_error(program.run(changed), program.expect(changed))
        check(f"{program.name}, decay {name}", error <= FLOAT32_BOUND, f"error {error:.1e}")


# Lengths around the chunks in use, and one that no chunk divides. Where the
# reference has a form of length^2, the long one is left to the others.
LENGTHS = [0, 1, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129]
LONG = 100_003
LONG_SYSTEMS = {"gla": ATTENTION_2, "gated_deltanet": ATTENTION_2,
                "comba_decayed": ATTENTION_2, "elman": {"D": 2, "H": 3},
                "rglru": {"H": 1, "D": 3}}


def check_lengths(program):
    inputs = program.inputs(1, LONG)
    expected = program.expect(inputs)
    worst = 0.0
    for length in [*LENGTHS, LONG]:
        got = program.run({name: array[:, :length] for name, array in inputs.items()})
        worst = max(worst, largest_error(got, [y[:, :length] for y in expected]))
    check(f"{program.name}, lengths to {LONG}", worst <= FLOAT32_BOUND, f"error {worst:.1e}")


# Which axes of an argument, after batch and time, are independent of each
# other, that is of the output's same axes.
HEADS, CHANNELS = (2,), (2, 3)
OF_ATTENTION = {"q": HEADS, "k": HEADS, "v": CHANNELS, "g": HEADS, "beta": HEADS, "a": HEADS,
                "b": HEADS, "i": HEADS, "f": HEADS, "w": HEADS, "r": HEADS}
INDEPENDENT = {
    **{name: (ATTENTION, OF_ATTENTION) for name in (
        "linear_attention", "retnet", "simple_gla", "gla", "deltanet", "gated_deltanet", "dplr",
        "rwkv6", "mlstm")},
    "hgrn": ({"D": 19}, {"x": HEADS, "g": HEADS}),
    "rwkv4": ({"D": 19}, {"k": HEADS, "v": HEADS}),
    "gateloop": ({"D": 19}, {name: HEADS for name in ("q", "k", "v", "re", "im")}),
    "mega_ema": ({"D": 19, "N": 2}, {"x": HEADS}),
    "lssl": ({"H": 17, "N": 4, "measure": "legs"}, {"u": ()}),
    "ffm": ({"D": 3, "M": 3, "C": 6, "O": 4}, {"x": ()}),
    "mega_attention": ({"Z": 3, "E": 5}, {"z": (), "v": HEADS}),
    "elman": ({"D": 3, "H": 5}, {"x": ()}),
    "paragru": ({"M": 3, "D": 5}, {"x": ()}),
    "hmm_forward": ({"K": 3}, {"b": ()})}
# Not the last step: what decays the state is seen at the step after.
NAN_TIMES = [0, 1, 62, 63, 64, 65, 100, 128]


def next_reset(inputs, row, time):
    """The step from which the state holds nothing of `time` any more, or None."""
    if "reset" not in inputs:
        return None
    later = np.flatnonzero(inputs["reset"][row, time + 1:])
    return time + 1 + later[0] if len(later) else None


def same_values(program, ours, theirs):
    """Bit for bit, but for what goes through a transform: rounding there depends
    on all of a row."""
    if program.algorithm == "convolution":
        return np.abs(ours - theirs) <= FLOAT32_BOUND * np.abs(theirs).max()
    return ours.view(np.uint32) == theirs.view(np.uint32)


def check_nan(program, independent):
    """One NaN in a row changes nothing of other rows, earlier steps, other
    channels, or what follows a reset, and is seen where it went in. Row 0 has
    none, the others each at one of NAN_TIMES."""
    inputs = program.inputs(1 + len(NAN_TIMES), 130)
    before = program.run(inputs)
    kept, seen = True, True
    for argument, axes in independent.items():
        if argument not in inputs:
            continue
        poisoned = {**inputs, argument: inputs[argument].copy()}
        place = [extent // 2 for extent in inputs[argument].shape[2:]]
        for row, time in enumerate(NAN_TIMES, start=1):
            poisoned[argument][(row, time, *place)] = np.nan
        after = program.run(poisoned)
        for ours, theirs in zip(after, before):
            same = same_values(program, ours, theirs)
            channels = tuple(place[axis - 2] if axis in axes else slice(None)
                             for axis in range(2, ours.ndim))
            for row, time in enumerate(NAN_TIMES, start=1):
                same[(row, slice(time, next_reset(inputs, row, time)), *channels)] = True
            kept &= bool(same.all())
        for row, time in enumerate(NAN_TIMES, start=1):
            # A decay at a reset decays nothing.
            idle = argument == "g" and "reset" in inputs and inputs["reset"][row, time]
            seen &= bool(idle) or any(np.isnan(y[row, time:]).any() for y in after)
    check(f"{program.name}, NaN", kept and seen,
          "the same elsewhere" if kept and seen else
          "is lost" if kept else "changes what it cannot reach")


# Every form of a convolution that goes through the frequencies.
LENGTH, WIDTH, TAPS = 200, 20, 150
CONVOLUTIONS = {"causal": "", "back": "back(%b : !k)", "inclusive": "back(%b : !k) inclusive",
                "reverse": "reverse", "circular": "circular", "space": "spatial [13]",
                "reverse space": "spatial [4, 5] reverse"}


def check_convolution(tools, name, form):
    """What is not finite, of inputs or taps, makes of what meets it what the sum
    of products does, in its channel and row, and changes nothing else."""
    rng = np.random.default_rng(20_17)
    tools.write_module(f"""
        !u = tensor<?x?x{WIDTH}xf32>
        !k = tensor<{WIDTH}x{TAPS}xf32>
        module attributes {{ssm.checkpoint = "."}} {{
        func.func @forward(%u: !u) -> !u {{
          %k = ssm.weight "k" : !k
          %b = ssm.weight "b" : !k
          %y{", %window" if name == "causal" else ""} = ssm.long_conv %u, %k {form} : !u, !k
          return %y : !u
        }}
        }}""", parameters := {key: rng.normal(0, 1, (WIDTH, TAPS)) for key in "kb"})
    u = rng.normal(0, 1, (3, LENGTH, WIDTH))
    bad_inputs = u.copy()
    # Neighbours, ends, and a channel that shares complex numbers with channel 8.
    bad_inputs[1, [0, 70, 71, LENGTH - 1], [3, 0, 0, 19]] = np.nan, np.inf, np.nan, -np.inf
    # Infinities of both signs, and taps and inputs that are zero.
    bad_inputs[2, [90, 40, 60], [11, 12, 12]] = np.inf, np.inf, -np.inf
    parameters["k"][[11, 11], [0, 9]] = parameters["b"][11, 4] = 0
    u[0, [30, 31], [14, 14]] = 0
    bad_taps = {key: taps.copy() for key, taps in parameters.items()}
    bad_taps["k"][[5, 18, 14], [0, 31, 20]] = np.nan, np.inf, np.inf
    bad_taps["b"][[7, 18, 14], [TAPS - 1, 31, 2]] = np.nan, np.inf, -np.inf
    both = ["--entry=forward"], ["--splits=120,1,79"]
    for case, inputs, weights in [("inputs", bad_inputs, parameters), ("taps", u, bad_taps)]:
        tools.write_module(tools.module.read_text(), weights)
        expected, = tools.interpret(tools.module, "forward", [inputs], 1)
        tools.compile(*([] if name == "causal" else ["--entry=forward"]))
        # A window of zeros before the first input is an input: taps meet it.
        for flags in both if (name, case) == ("causal", "inputs") else both[:1]:
            got, = tools.execute([inputs], 1, *flags)
            finite = np.isfinite(expected)
            good = np.array_equal(got[~finite], expected[~finite], equal_nan=True) and all(
                found(expected).any() for found in (np.isfinite, np.isnan, np.isposinf))
            error = largest_error([got[finite]], [expected[finite]])
            check(f"convolution, {name}, bad {case}, {flags[0]}",
                  good and error <= FLOAT32_BOUND,
                  f"error {error:.1e}" if good else "differs where it is not finite")


# 2^20 steps. The references here are solved by doubling, in float64:
# log2(length) sweeps over the whole sequence.
STEPS = 1 << 20
UNIT = 2.0**-24


def solve_diagonal(decay, x):
    """h[t] = decay[t] h[t-1] + x[t] along axis 0."""
    decay, x = decay.copy(), x.copy()
    reach = 1
    while reach < len(x):
        x[reach:] += decay[reach:] * x[:-reach]
        decay[reach:] = decay[reach:] * decay[:-reach]
        reach *= 2
    return x


def solve_dense(transition, x):
    """S[t] = transition[t] S[t-1] + x[t] along axis 0, of small matrices."""
    transition, x = transition.copy(), x.copy()
    reach = 1
    while reach < len(x):
        x[reach:] += np.einsum("tij,tjv->tiv", transition[reach:], x[:-reach])
        transition[reach:] = np.einsum("tij,tjk->tik", transition[reach:], transition[:-reach])
        reach *= 2
    return x


def drift_inputs(tau, rng, sizes):
    """White noise with a mean, and decays with `tau` steps of memory."""
    shape = {name: (1, STEPS, 1, sizes[name]) for name in "KV"}
    g = np.log1p(-1 / tau) * rng.uniform(0.5, 1.5, (1, STEPS, 1))
    k = rng.normal(0, 1, shape["K"])
    return {"q": rng.normal(0, 1, shape["K"]), "k": k / np.linalg.norm(k, axis=-1, keepdims=True),
            "v": rng.normal(0.1, 1, shape["V"]), "g": g}


def without_resets(inputs):
    return {**inputs, "reset": np.zeros((1, STEPS))}


def outer(k, v):
    return k[0, :, 0, :, None] * v[0, :, 0, None, :]


def read(q, S):
    return [np.einsum("tk,tkv->tv", q[0, :, 0], S)[None, :, None]]


def scalar_drift(rng):
    inputs = as_float32(drift_inputs(1e4, rng, {"K": 2, "V": 2}))
    decay = np.exp(inputs["g"])[0, :, :, None]
    S = solve_diagonal(np.broadcast_to(decay, (STEPS, 2, 2)), outer(inputs["k"], inputs["v"]))
    return "simple_gla", ATTENTION_2, without_resets(inputs), read(inputs["q"], S), 1e4


def vector_drift(rng):
    inputs = drift_inputs(1e4, rng, {"K": 2, "V": 2})
    inputs["g"] = np.repeat(inputs["g"][..., None], 2, -1) * [1.0, 100.0]
    inputs = as_float32(inputs)
    decay = np.exp(inputs["g"])[0, :, 0, :, None]
    S = solve_diagonal(np.broadcast_to(decay, (STEPS, 2, 2)), outer(inputs["k"], inputs["v"]))
    return "gla", ATTENTION_2, inputs, read(inputs["q"], S), 1e4


def elementwise_drift(rng):
    tau = 10.0**np.arange(1, 6)
    g = np.log1p(-1 / tau) * rng.uniform(0.5, 1.5, (1, STEPS, 5))
    inputs = as_float32({"x": rng.normal(0.1, 1, (1, STEPS, 5)), "g": g})
    h = solve_diagonal(np.exp(inputs["g"])[0], inputs["x"][0])
    return "hgrn", {"D": 5}, inputs, [h[None]], tau


def rank_one_drift(rng):
    """Keys that are nearly orthogonal in turn, weak corrections, slow decay."""
    inputs = drift_inputs(1e4, rng, {"K": 2, "V": 2})
    turn = np.arange(STEPS) % 2 * (np.pi / 2) + rng.normal(0, 0.01, STEPS)
    inputs["k"] = np.stack([np.cos(turn), np.sin(turn)], -1)[None, :, None]
    inputs["beta"] = rng.uniform(0, 2e-3, (1, STEPS, 1))
    inputs = as_float32(inputs)
    k, beta = inputs["k"][0, :, 0], inputs["beta"][0, :, 0]
    decay = np.exp(inputs["g"])[0, :, 0]
    turn = np.eye(2) - beta[:, None, None] * k[:, :, None] * k[:, None, :]
    S = solve_dense(decay[:, None, None] * turn,
                    beta[:, None, None] * outer(inputs["k"], inputs["v"]))
    return "gated_deltanet", ATTENTION_2, without_resets(inputs), read(inputs["q"], S), 1e4


def identity_drift(rng):
    """A sum of everything: memory of the whole sequence."""
    inputs = drift_inputs(1e4, rng, {"K": 2, "V": 2})
    inputs = as_float32({name: inputs[name] for name in "qkv"})
    S = np.cumsum(outer(inputs["k"], inputs["v"]), axis=0)
    return "linear_attention", ATTENTION_2, inputs, read(inputs["q"], S), STEPS


def complex_drift(rng):
    """Decays near one that turn, by their step sizes."""
    reference, sizes = importlib.import_module("selective_scan_complex"), {"D": 3, "N": 1, "G": 1}
    p = as_float32(reference.parameters(np.random.default_rng(20_13), **sizes))
    A, tau = (p["A_re"] + 1j * p["A_im"])[:, 0], 1e4
    dt = rng.uniform(0.5, 1.5, (1, STEPS, 3)) / (tau * np.abs(A.real))
    inputs = {"u": rng.normal(0.1, 1, (1, STEPS, 3)), "delta": np.log(np.expm1(dt)) - p["bias"],
              **{name: rng.normal(0, 1, (1, STEPS, 1, 1)) for name in ("B_re", "B_im")},
              **{name: np.ones((1, STEPS, 1, 1)) for name in ("C_re", "C_im")},
              "z": np.ones((1, STEPS, 3))}
    inputs = as_float32(inputs)
    u, dt = inputs["u"][0], np.log1p(np.exp(inputs["delta"][0] + p["bias"]))
    B, C = ((inputs[f"{name}_re"] + 1j * inputs[f"{name}_im"])[0, :, 0] for name in "BC")
    h = solve_diagonal(np.exp(dt * A), dt * u * B)
    y = (2 * (h * C).real + p["D"] * u) / (1 + np.exp(-1.0))  # silu of the gate
    return "selective_scan_complex", sizes, inputs, [y[None]], tau


def dense_drift(rng):
    """HiPPO's matrix, whose slowest part decays by e^-dt in a step."""
    reference, sizes = importlib.import_module("lssl"), {"H": 1, "N": 4, "measure": "legs"}
    p = as_float32(reference.parameters(np.random.default_rng(20_13), **sizes))
    inputs = as_float32({"u": rng.normal(0.1, 1, (1, STEPS, 1))})
    u = inputs["u"][0, :, 0]
    h = solve_dense(np.broadcast_to(p["A"][0], (STEPS, 4, 4)),
                    (u[:, None] * p["B"][0])[..., None])
    y = h[..., 0] @ p["C"][0] + p["D"][0] * u
    return "lssl", sizes, inputs, [y[None, :, None]], 100


def monoid_drift(rng):
    """Kalman's filter, whose gain no longer changes after some hundred steps."""
    reference, sizes = importlib.import_module("kalman_filter_scan"), {"N": 3, "M": 1}
    p = as_float32(reference.parameters(np.random.default_rng(20_13), **sizes))
    inputs = as_float32({"y": rng.normal(0, 2, (1, STEPS, 1)),
                         "u": rng.normal(0, 0.3, (1, STEPS, 3)), "start": np.zeros((1, STEPS))})
    kept, gain, P = np.empty((STEPS, 3, 3)), np.empty((STEPS, 3, 1)), np.zeros((3, 3))
    for t in range(1000):
        P = p["F"] @ P @ p["F"].T + p["Q"]
        gain[t] = P @ p["H"].T / (p["H"] @ P @ p["H"].T + p["R"])
        kept[t] = np.eye(3) - gain[t] @ p["H"]
        P = kept[t] @ P
    gain[t:], kept[t:] = gain[t], kept[t]
    known = kept @ inputs["u"][0, :, :, None] + gain * inputs["y"][0, :, None]
    m = solve_dense(kept @ p["F"], known)
    return "kalman_filter_scan", sizes, inputs, [m[None, :, :, 0]], 100


def log_space_drift(rng):
    """The forward algorithm, on plain numbers: sums without end."""
    from math import exp, log
    reference, sizes = importlib.import_module("hmm_forward_log"), {"K": 2}
    p = as_float32(reference.parameters(np.random.default_rng(20_13), **sizes))
    inputs = as_float32({"log_b": rng.normal(-1, 2, (1, STEPS, 2)), "start": np.zeros((1, STEPS))})
    (a00, a01), (a10, a11) = np.exp(p["log_A"]).tolist()
    a, b = np.exp(p["log_pi"]).tolist()  # relative to e^total
    total, y = 0.0, []
    for t, (p0, p1) in enumerate(inputs["log_b"][0].tolist()):
        if t:
            a, b = a * a00 + b * a10, a * a01 + b * a11
        a, b = a * exp(p0), b * exp(p1)
        total, a, b = total + log(a + b), a / (a + b), b / (a + b)
        y.append((log(a) + total, log(b) + total))
    return "hmm_forward_log", sizes, inputs, [np.array(y)[None]], STEPS


def nonlinear_drift(rng):
    """Elman's network, step by step on plain numbers."""
    from math import tanh
    reference = importlib.import_module("elman")
    sizes = {"D": 1, "H": 2}
    weights = as_float32(reference.parameters(np.random.default_rng(20_13), **sizes))
    inputs = as_float32({"x": rng.normal(0.1, 1, (1, STEPS, 1))})
    raw = (inputs["x"][0] @ weights["W"].T + weights["b"] + weights["c"]).tolist()
    (u00, u01), (u10, u11) = weights["U"].tolist()
    a = b = 0.0
    y = []
    for p, q in raw:
        a, b = tanh(p + u00 * a + u01 * b), tanh(q + u10 * a + u11 * b)
        y.append((a, b))
    return "elman", sizes, inputs, [np.array(y)[None, :]], 100


def nrmse(got, expected):
    return np.sqrt(np.mean((got - expected)**2) / np.mean(expected**2))


def check_drift(tools, make):
    """`make` gives the memory in steps, one for all or one per channel."""
    name, sizes, inputs, expected, tau = make(np.random.default_rng(20_16))
    for program in programs(tools, name, sizes):
        check_drift_of(program, inputs, expected[0], np.max(tau))


def check_drift_of(program, inputs, expected, tau):
    """Bounds for a state in float32 with a memory of `tau` steps: over all and
    at the end, which must be no worse than twice what came after the start.
    Both are means over twice the memory at least."""
    bound = UNIT * (1.5 * np.sqrt(tau) + 8)
    window = int(max(1 << 16, 2 * tau))
    start = int(min(5 * tau, STEPS // 2))
    for form, flags in [("one call", []), ("16 calls", [f"--splits={','.join(['65536'] * 16)}"])]:
        got = program.run(inputs, *flags)[0]
        whole = nrmse(got, expected)
        early = nrmse(got[:, start:start + window], expected[:, start:start + window])
        late = nrmse(got[:, -window:], expected[:, -window:])
        good = whole <= bound and late <= bound and late <= 2 * early
        check(f"{program.name}, 2^20 steps, {form}", bool(good),
              f"nrmse {whole:.1e}, after the start {early:.1e}, at the end {late:.1e}, "
              f"bound {bound:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the programs' folder")
    parser.add_argument("groups", nargs="*", metavar="GROUP",
                        help="decays, lengths, nan, drift (default: all)")
    arguments = parser.parse_args()
    groups = arguments.groups or ["decays", "lengths", "nan", "drift"]
    with tempfile.TemporaryDirectory() as work:
        tools = Tools(arguments.bin, pathlib.Path(work))
        if "decays" in groups:
            for name, sizes in DECAYED.items():
                for program in programs(tools, name, sizes):
                    check_decays(program)
        if "lengths" in groups:
            for name, sizes in LONG_SYSTEMS.items():
                for program in programs(tools, name, sizes):
                    check_lengths(program)
        if "nan" in groups:
            for name, (sizes, independent) in INDEPENDENT.items():
                for program in programs(tools, name, sizes):
                    check_nan(program, independent)
            for name, form in CONVOLUTIONS.items():
                check_convolution(tools, name, form)
        if "drift" in groups:
            for make in (identity_drift, scalar_drift, vector_drift, elementwise_drift,
                         complex_drift, rank_one_drift, dense_drift, monoid_drift,
                         log_space_drift, nonlinear_drift):
                check_drift(tools, make)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
