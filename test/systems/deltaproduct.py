"""DeltaProduct (catalog C, 1.B "DeltaProduct"): N delta steps per token, so that its
transition is a product of N Householder-like matrices; beta in (0, 2). The gated form
without decay.
"""
import numpy as np

import gated_deltaproduct
from gated_deltaproduct import AWKWARD, SIZES, golden  # noqa: F401


def inputs(rng, B, L, **sizes):
    drawn = gated_deltaproduct.inputs(rng, B, L, **sizes)
    return {name: drawn[name] for name in ("q", "k", "v", "beta")}


def forward(inputs, parameters, **sizes):
    q, k, v, beta = inputs.values()
    gated = {"q": q, "k": k, "v": v, "g": np.zeros(q.shape[:3]), "beta": beta}
    return gated_deltaproduct.forward(gated, parameters, **sizes)


def goldens(load):
    yield golden(load, "delta_product_n3_init", ("q", "k", "v", "beta"))
