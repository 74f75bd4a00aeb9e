"""Identity plus low rank (catalog C, Core DP with g = 0): S_t = (I + b_t a_t^T) S_{t-1}
+ k_t v_t^T, o_t = S_t^T q_t.
"""
import numpy as np

import dplr
from dplr import AWKWARD, SIZES  # noqa: F401
from harness import vectors


def inputs(rng, B, L, **sizes):
    drawn = dplr.inputs(rng, B, L, **sizes)
    return {name: drawn[name] for name in ("q", "k", "v", "a", "b")}


def forward(inputs, parameters, **sizes):
    return dplr.forward({**inputs, "g": np.zeros_like(inputs["k"])}, parameters, **sizes)


def goldens(load):
    for file in ("iplr_rec", "iplr_rec_init", "iplr_chunk_init"):
        arguments = {"q": "q", "k": "k", "v": "v", "a": "alpha", "b": "beta"}
        yield from vectors.matrix_state(load, file, arguments, heads_first=True)
