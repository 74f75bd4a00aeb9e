"""Mamba-2 from its projections on (catalog B, 1.4 and 1.6), without a norm:
out_proj(y silu(z)), step sizes clamped to [0.05, 0.8], nearest float32."""
import numpy as np

import mamba2_groups
import mamba2_norm_first
from harness import silu
from mamba2_norm_first import AWKWARD, SIZES, inputs  # noqa: F401


def parameters(rng, **sizes):
    p = mamba2_norm_first.parameters(rng, **sizes)
    del p["norm.weight"]
    return p


def forward(inputs, parameters, H, P, G, N, O):
    p = parameters
    limits = np.float32([0.05, 0.8]).astype(float)
    y, z = mamba2_groups.inner(inputs["zxbcdt"], p, p["A"], H, P, G, N, *limits)
    return [(y * silu(z)) @ p["out_proj.weight"].T + p["out_proj.bias"]]


def goldens(load):
    yield mamba2_norm_first.golden(load, "mamba2_split_conv1d_scan_nonorm_dtlimit", G=2,
                                   tolerance=1e-7)  # its limits are in float64
