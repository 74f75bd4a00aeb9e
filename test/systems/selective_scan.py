"""Selective scan with every option (catalog B, 1.1)."""
import numpy as np

from harness import Golden
from harness.selective import selective_scan, time_second

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 17, "N": 16}, {"D": 1, "N": 1}]


def parameters(rng, D, N):
    return {"A": -np.exp(rng.normal(0, 1, (D, N))), "D": rng.normal(0, 1, D),
            "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N):
    shapes = {"u": D, "delta": D, "B": N, "C": N, "z": D}
    return {name: rng.normal(0, 1, (B, L, size)) for name, size in shapes.items()}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs
    return [selective_scan(x["u"], x["delta"], p["A"], x["B"], x["C"], p["D"], x["z"],
                           p["bias"])]


def goldens(load):
    d = load("selective_scan_real_var")
    yield Golden("selective_scan_real_var", {"D": 6, "N": 4},
                 {name: time_second(d[name]) for name in ("u", "delta", "B", "C", "z")},
                 {"A": d["A"], "D": d["D"], "bias": d["delta_bias"]}, [time_second(d["out"])])
