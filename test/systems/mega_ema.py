"""MEGA's multi-dimensional damped moving average (catalog A, 2.2 MEGA), by its
kernel K[l] = sum_n p beta gamma q^l / sqrt(N); y = K * x + omega x."""
import numpy as np

from harness import Golden, sigmoid
from harness.lti import causal

SIZES = {"D": 3, "N": 2}
AWKWARD = [{"D": 17, "N": 16}, {"D": 1, "N": 1}]


def parameters(rng, D, N):
    return {**{name: rng.normal(0, 1, (D, N)) for name in ("delta", "alpha", "beta", "gamma")},
            "omega": rng.normal(0, 1, D), "scale": np.full((D, N), N**-0.5)}


def inputs(rng, B, L, D, N):
    return {"x": rng.normal(0, 1, (B, L, D))}


def kernel(p, length, suffix=""):
    rate = sigmoid(p["delta" + suffix])
    q = 1 - rate * sigmoid(p["alpha" + suffix])
    weight = rate * p["beta" + suffix] * p["gamma" + suffix] * p["scale"]
    return (weight[..., None] * q[..., None]**np.arange(length)).sum(1)


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs["x"]
    return [causal(kernel(p, x.shape[1]), x) + p["omega"] * x]


def official(d, rows=slice(None), suffix=""):
    return {name + suffix: d[f"p.{name}"][rows].reshape(-1, d["p.gamma"].shape[1])
            for name in ("delta", "alpha", "beta", "gamma")}


def goldens(load):
    d = load("mega_ema_uni")
    D, N = d["p.gamma"].shape
    yield Golden("mega_ema_uni", {"D": D, "N": N}, {"x": d["x"].swapaxes(0, 1)},
                 {**official(d), "omega": d["p.omega"], "scale": np.full((D, N), N**-0.5)},
                 [d["y"].swapaxes(0, 1)])
