"""Mamba block (catalog B, 1.3) with the options of later code (1.1): biases added to B
and C, then an RMS norm with eps 1e-6 of B, C and, before dt_proj, of dt's low rank."""
import numpy as np

from harness import rms_norm, silu
from harness.selective import mamba_parameters, selective_scan, short_conv

SIZES = {"M": 8, "D": 16, "N": 4, "R": 1}
AWKWARD = [{"M": 6, "D": 19, "N": 16, "R": 3}]


def parameters(rng, M, D, N, R):
    return {**mamba_parameters(rng, M, D, N, R),
            "B_proj_bias": rng.normal(0, 0.3, N), "C_proj_bias": rng.normal(0, 0.3, N),
            "dt_rms_weight": rng.normal(1, 0.1, R), "b_rms_weight": rng.normal(1, 0.1, N),
            "c_rms_weight": rng.normal(1, 0.1, N)}


def inputs(rng, B, L, M, **sizes):
    return {"input": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, D, N, R):
    p = parameters
    xz = inputs["input"] @ p["in_proj.weight"].T + p["in_proj.bias"]
    x, z = np.split(xz, 2, axis=-1)
    u = silu(short_conv(x, p["conv1d.weight"][:, 0], p["conv1d.bias"]))
    dt, B, C = np.split(u @ p["x_proj.weight"].T, [R, R + N], axis=-1)
    dt = rms_norm(dt, p["dt_rms_weight"], eps=1e-6)
    B = rms_norm(B + p["B_proj_bias"], p["b_rms_weight"], eps=1e-6)
    C = rms_norm(C + p["C_proj_bias"], p["c_rms_weight"], eps=1e-6)
    y = selective_scan(u, dt @ p["dt_proj.weight"].T, -np.exp(p["A_log"]), B, C, p["D"], z,
                       p["dt_proj.bias"])
    return [y @ p["out_proj.weight"].T + p["out_proj.bias"]]
