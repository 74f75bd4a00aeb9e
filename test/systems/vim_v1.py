"""Vision Mamba's mixer, v1 (catalog B, 1.8): out_proj(scan(..; A) + flip(scan(flip
..; A_b))) after one convolution and one set of projections."""
import numpy as np

import vim_v2
from harness import Golden
from harness.selective import time_second

SIZES = {"M": 5, "D": 6, "N": 4, "R": 2}
AWKWARD = [{"M": 3, "D": 17, "N": 1, "R": 1}]
CAUSAL = False

inputs = vim_v2.inputs


def parameters(rng, M, D, N, R):
    return {**vim_v2.mixer_parameters(rng, D, N, R), "A_b": -np.exp(rng.normal(0, 1, (D, N))),
            "out_proj_weight": rng.normal(0, D**-0.5, (M, D)),
            "out_proj_bias": rng.normal(0, 0.1, M)}


def forward(inputs, parameters, M, D, N, R):
    p = parameters
    scanned = vim_v2.scanned(p, inputs["xz"], R, N)
    y = vim_v2.scan(p, p["A"], *scanned)
    y = y + vim_v2.scan(p, p["A_b"], *[part[:, ::-1] for part in scanned])[:, ::-1]
    return [y @ p["out_proj_weight"].T + p["out_proj_bias"]]


def goldens(load):
    d = load("vim_bimamba")
    parameters = {name[2:]: value for name, value in d.items() if name.startswith("f.")}
    parameters.update({"A_b": d["b.A"], "out_proj_weight": d["out_proj_weight"],
                       "out_proj_bias": d["out_proj_bias"]})
    yield Golden("vim_bimamba v1", SIZES, {"xz": time_second(d["xz"])}, parameters,
                 [d["out_v1"]])
