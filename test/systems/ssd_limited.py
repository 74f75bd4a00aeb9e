"""SSD with D [H] and dt clamped, after softplus, to [0.05, 0.8], nearest float32
(catalog B, 1.4)."""
import numpy as np

from harness import Golden, silu, softplus
from harness.ssd import ssd

SIZES = {"H": 4, "P": 5, "G": 2, "N": 3}
AWKWARD = [{"H": 3, "P": 17, "G": 3, "N": 7}]


def parameters(rng, H, P, G, N):
    return {"A": -np.exp(rng.normal(0, 1, H)), "D": rng.normal(0, 1, H),
            "dt_bias": rng.normal(-1, 1, H)}


def inputs(rng, B, L, H, P, G, N):
    return {"x": rng.normal(0, 1, (B, L, H, P)), "dt": rng.normal(0, 2, (B, L, H)),
            "B": rng.normal(0, 1, (B, L, G, N)), "C": rng.normal(0, 1, (B, L, G, N)),
            "z": rng.normal(0, 1, (B, L, H, P))}


def forward(inputs, parameters, H, P, G, N):
    p, x = parameters, inputs
    dt = np.clip(softplus(x["dt"] + p["dt_bias"]), *np.float32([0.05, 0.8]).astype(float))
    y, _ = ssd(x["x"], dt, p["A"], x["B"], x["C"], p["D"])
    return [y * silu(x["z"])]


def goldens(load):
    d = load("ssd_g3_dtlimit_L37")
    H, P = d["x"].shape[2:]
    yield Golden("ssd_g3_dtlimit_L37", {"H": H, "P": P, "G": 3, "N": 4},
                 {name: d[name] for name in ("x", "dt", "B", "C", "z")},
                 {"A": d["A"], "D": d["D"], "dt_bias": d["dt_bias"]},
                 [d["out_scan"]], tolerance=1e-7)
