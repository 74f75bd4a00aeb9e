"""Mamba-2 from its projections on (catalog B, 1.4 to 1.6), norm_before_gate:
out_proj(rms_norm(y) silu(z)), the norm over the whole width."""
import numpy as np

import mamba2_groups
from harness import Golden, rms_norm, silu

SIZES = {"H": 4, "P": 3, "G": 2, "N": 4, "O": 5}
AWKWARD = [{"H": 3, "P": 7, "G": 3, "N": 11, "O": 2}]


def parameters(rng, H, P, G, N, O):
    p = mamba2_groups.parameters(rng, 1, H, P, G, N, O)
    return {"A": -np.exp(p.pop("A_log")),
            **{name: value for name, value in p.items() if name != "in_proj.weight"}}


def inputs(rng, B, L, H, P, G, N, O):
    return {"zxbcdt": rng.normal(0, 1, (B, L, 2 * H * P + 2 * G * N + H))}


def forward(inputs, parameters, H, P, G, N, O):
    p = parameters
    y, z = mamba2_groups.inner(inputs["zxbcdt"], p, p["A"], H, P, G, N)
    y = rms_norm(y, p["norm.weight"]) * silu(z)
    return [y @ p["out_proj.weight"].T + p["out_proj.bias"]]


def golden(load, file, G, **options):
    d = load(file)
    names = {"conv1d.bias": "conv1d_bias", "dt_bias": "dt_bias", "A": "A", "D": "D",
             "norm.weight": "rmsnorm_weight", "out_proj.weight": "outproj_weight",
             "out_proj.bias": "outproj_bias"}
    p = {ours: d[theirs] for ours, theirs in names.items() if theirs in d}
    p["conv1d.weight"] = d["conv1d_weight"][:, None]
    H, (O, width) = len(d["A"]), d["outproj_weight"].shape
    sizes = {"H": H, "P": width // H, "G": G, "N": (len(d["conv1d_bias"]) - width) // (2 * G),
             "O": O}
    return Golden(file, sizes, {"zxbcdt": d["zxbcdt"]}, p, [d["out"]], **options)


def goldens(load):
    yield golden(load, "mamba2_split_conv1d_scan_norm_before_gate", G=1)
