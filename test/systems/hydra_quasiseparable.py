"""Hydra's quasiseparable mixer, both directions with one B and C (catalog B, Hydra):
y = shift(SSD(x, dt_f)) + the same from the end with dt_r + x (fc_D x + D)."""
import numpy as np

from harness import Golden
from hydra import quasiseparable

SIZES = {"H": 3, "P": 4, "N": 4}
AWKWARD = [{"H": 2, "P": 1, "N": 9}]
CAUSAL = False


def parameters(rng, H, P, N):
    return {"A_log": rng.normal(0, 0.5, H), "D": rng.normal(1, 0.1, H),
            "fc_D.weight": rng.normal(0, (H * P)**-0.5, (H, H * P))}


def inputs(rng, B, L, H, P, N):
    return {"x": rng.normal(0, 1, (B, L, H * P)), "BC": rng.normal(0, 1, (B, L, 2 * N)),
            "dt": rng.normal(-2, 1, (B, L, 2 * H))}


def forward(inputs, parameters, H, P, N):
    x, BC, dt = inputs.values()
    return [quasiseparable(x, np.tile(BC, 2), dt, parameters, H, P)]


def goldens(load):
    d = load("hydra_quasiseparable")
    parameters = {name: d[f"p.{name}"] for name in ("A_log", "D", "fc_D.weight")}
    yield Golden("hydra_quasiseparable", {"H": 2, "P": 3, "N": 4},
                 {name: d[name] for name in ("x", "BC", "dt")}, parameters, [d["y"]])
