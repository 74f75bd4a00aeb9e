"""Preconditioned Gated DeltaNet (catalog C, "Variants of GD/KD"): preconditioned KDA
with one decay per head.
"""
import numpy as np

import preconditioned_kda
from preconditioned_kda import AWKWARD, SIZES, golden  # noqa: F401


def inputs(rng, B, L, H, K, V):
    drawn = preconditioned_kda.inputs(rng, B, L, H, K, V)
    return {**drawn, "g": drawn["g"][..., 0]}


def forward(inputs, parameters, H, K, V):
    per_key = np.repeat(inputs["g"][..., None], K, axis=-1)
    return preconditioned_kda.forward({**inputs, "g": per_key}, parameters, H, K, V)


def goldens(load):
    def normalized(file):  # that code does it inside
        d = load(file)
        return {**d, **{x: d[x] / np.linalg.norm(d[x], axis=-1, keepdims=True) for x in "qk"}}

    yield from golden(normalized, "precond_gated_delta_rule_init")
