"""SSD with decay 2 exp(dt A) - 1 (catalog B, 2)."""
import numpy as np

from harness.ssd import ssd

SIZES = {"H": 3, "P": 2, "N": 4}
AWKWARD = [{"H": 2, "P": 17, "N": 9}]


def parameters(rng, H, P, N):
    return {"A": -np.exp(rng.normal(0, 1, H))}


def inputs(rng, B, L, H, P, N):
    return {"x": rng.normal(0, 1, (B, L, H, P)), "dt": np.exp(rng.normal(-1, 1, (B, L, H))),
            "B": rng.normal(0, 1, (B, L, N)), "C": rng.normal(0, 1, (B, L, N))}


def forward(inputs, parameters, H, P, N):
    x = inputs
    y, _ = ssd(x["x"], x["dt"], parameters["A"], x["B"][:, :, None], x["C"][:, :, None],
               transition=lambda log: 2 * np.exp(log) - 1)
    return [y]
