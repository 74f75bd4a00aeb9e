"""LBMamba (catalog B, 3): y = C (h + g) + D u, gated; h the selective scan, and in
each segment from its end e[t] = g[t] + dt B u, g[t] = exp(dt A) e[t+1]. `ends` marks
segments: of 4, 8 or 16 steps for sequences of up to 128, 256 or more."""
import numpy as np

from harness import silu, softplus
from harness.selective import selective_scan

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 9, "N": 5}]
CAUSAL = False


def parameters(rng, D, N):
    return {"A": -np.exp(rng.normal(0, 1, (D, N))), "D": rng.normal(0, 1, D),
            "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N):
    shapes = {"u": D, "delta": D, "B": N, "C": N, "z": D}
    x = {name: rng.normal(0, 1, (B, L, size)) for name, size in shapes.items()}
    segment = 4 if L <= 128 else 8 if L <= 256 else 16
    ends = (np.arange(L) % segment == segment - 1) * 1.0
    return {**x, "ends": np.tile(ends, (B, 1))}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs
    y = selective_scan(x["u"], x["delta"], p["A"], x["B"], x["C"], p["D"], bias=p["bias"])
    dt = softplus(x["delta"] + p["bias"])
    e = np.zeros((len(y), D, N))
    for t in reversed(range(y.shape[1])):
        e = np.where(x["ends"][:, t, None, None] != 0, 0, e)
        g = np.exp(dt[:, t, :, None] * p["A"]) * e
        y[:, t] += (g * x["C"][:, t, None]).sum(-1)
        e = g + (dt[:, t] * x["u"][:, t])[..., None] * x["B"][:, t, None]
    return [y * silu(x["z"])]
