"""Mamba with negative eigenvalues (catalog B, 2): decay 2 exp(dt A) - 1."""
import numpy as np

from harness.selective import selective_scan

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 9, "N": 8}, {"D": 1, "N": 1}]


def parameters(rng, D, N):
    # Softplus of the bias is about 0.7: both signs of the decay occur.
    return {"A": -np.exp(rng.normal(0, 1, (D, N))), "D": rng.normal(0, 1, D),
            "bias": rng.normal(0, 1, D)}


def inputs(rng, B, L, D, N):
    shapes = {"u": D, "delta": D, "B": N, "C": N, "z": D}
    return {name: rng.normal(0, 1, (B, L, size)) for name, size in shapes.items()}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs
    return [selective_scan(x["u"], x["delta"], p["A"], x["B"], x["C"], p["D"], x["z"],
                           p["bias"], transition=lambda log: 2 * np.exp(log) - 1)]
