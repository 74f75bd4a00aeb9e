"""Longhorn block (catalog B, 2): beta = sigmoid(W_dt dt_low + bias),
delta = beta / (1 + beta sum k^2), h = (1 - delta k^2) h + delta k x."""
import numpy as np

from harness import Golden, sigmoid, silu
from harness.selective import mamba_parameters, short_conv

SIZES = {"M": 4, "D": 8, "N": 3, "R": 1}
AWKWARD = [{"M": 5, "D": 11, "N": 8, "R": 2}]


def parameters(rng, M, D, N, R):
    p = mamba_parameters(rng, M, D, N, R)
    p["dt_head.weight"], p["dt_head.bias"] = p["dt_proj.weight"], rng.normal(0, 1, D)
    for name in ("in_proj.bias", "out_proj.bias", "dt_proj.weight", "dt_proj.bias", "A_log"):
        del p[name]
    return p


def inputs(rng, B, L, M, **sizes):
    return {"input": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, D, N, R):
    p = parameters
    x, z = np.split(inputs["input"] @ p["in_proj.weight"].T, 2, axis=-1)
    u = silu(short_conv(x, p["conv1d.weight"][:, 0], p["conv1d.bias"]))
    low, k, q = np.split(u @ p["x_proj.weight"].T, [R, R + N], axis=-1)
    beta = sigmoid(low @ p["dt_head.weight"].T + p["dt_head.bias"])
    delta = beta / (1 + beta * (k**2).sum(-1, keepdims=True))
    h = np.zeros((x.shape[0], D, N))
    y = np.empty_like(u)
    for t in range(x.shape[1]):
        step, key = delta[:, t, :, None], k[:, t, None]
        h = (1 - step * key**2) * h + step * key * u[:, t, :, None]
        y[:, t] = (h * q[:, t, None]).sum(-1) + p["D"] * u[:, t]
    return [(y * silu(z)) @ p["out_proj.weight"].T]


def goldens(load):
    d = load("longhorn_step")
    parameters = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    yield Golden("longhorn_step", SIZES, {"input": d["u"]}, parameters, [d["y"]])
