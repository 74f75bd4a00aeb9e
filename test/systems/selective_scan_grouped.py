"""Selective scan with grouped B and C (catalog B, 1.1)."""
import numpy as np

from harness import Golden
from harness.selective import selective_scan, time_second

SIZES = {"D": 4, "N": 3, "G": 2}
AWKWARD = [{"D": 15, "N": 5, "G": 3}, {"D": 3, "N": 1, "G": 1}]


def parameters(rng, D, N, G):
    return {"A": -np.exp(rng.normal(0, 1, (D, N))), "D": rng.normal(0, 1, D),
            "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N, G):
    shapes = {"u": (D,), "delta": (D,), "B": (G, N), "C": (G, N), "z": (D,)}
    return {name: rng.normal(0, 1, (B, L, *shape)) for name, shape in shapes.items()}


def forward(inputs, parameters, D, N, G):
    p, x = parameters, inputs
    return [selective_scan(x["u"], x["delta"], p["A"], x["B"], x["C"], p["D"], x["z"],
                           p["bias"])]


def goldens(load):
    d = load("selective_scan_real_grouped3")
    yield Golden("selective_scan_real_grouped3", {"D": 6, "N": 4, "G": 3},
                 {name: time_second(d[name]) for name in ("u", "delta", "B", "C", "z")},
                 {"A": d["A"], "D": d["D"], "bias": d["delta_bias"]}, [time_second(d["out"])])
