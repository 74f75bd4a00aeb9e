"""Polarized Mamba (catalog B, 2): A = [0, -exp(A_log), -100] over N + 2 states."""
import numpy as np

from harness.selective import selective_scan

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 11, "N": 6}]


def parameters(rng, D, N):
    return {"A_log": rng.normal(0, 1, (D, N)), "D": rng.normal(0, 1, D),
            "bias": rng.normal(-3, 1, D)}


def inputs(rng, B, L, D, N):
    shapes = {"u": D, "raw": D, "B": N + 2, "C": N + 2, "z": D}
    return {name: rng.normal(0, 1, (B, L, size)) for name, size in shapes.items()}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs
    A = np.concatenate([np.zeros((D, 1)), -np.exp(p["A_log"]), np.full((D, 1), -100)], axis=1)
    return [selective_scan(x["u"], x["raw"], A, x["B"], x["C"], p["D"], x["z"], p["bias"])]
