"""PackMamba (catalog B, 2): p restarts at 0 with each packed sequence; tap t - k is
used only if k <= p, and where p = 0 the decay is zero."""
import numpy as np

from harness import positions, silu
from harness.selective import selective_scan, short_conv

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 11, "N": 16}]
PACKED = {"p": positions}


def parameters(rng, D, N):
    return {"conv": rng.normal(0, 0.5, (D, 4)), "conv_bias": rng.normal(0, 0.1, D),
            "A": -np.exp(rng.normal(0, 1, (D, N))), "D": rng.normal(0, 1, D),
            "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N):
    shapes = {"x": D, "delta": D, "B": N, "C": N, "z": D}
    x = {name: rng.normal(0, 1, (B, L, size)) for name, size in shapes.items()}
    p = np.zeros((B, L))
    for t in range(1, L):
        p[:, t] = np.where(rng.random(B) < 0.1, 0, p[:, t - 1] + 1)
    return {**x, "p": p}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs
    reach = x["p"][..., None] >= 3 - np.arange(4)
    u = silu(short_conv(x["x"], p["conv"], p["conv_bias"], keep=reach))
    return [selective_scan(u, x["delta"], p["A"], x["B"], x["C"], p["D"], x["z"], p["bias"],
                           keep=x["p"])]
