"""Gated DeltaNet (catalog C, 1.B "Gated DeltaNet", Core GD): decay, then the delta
rule on the decayed state, which a reset has set to zero before.
"""
import numpy as np

from harness import sigmoid, starts, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]
PACKED = {"reset": starts}


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V, unit_keys=True),
            "g": -rng.exponential(0.3, (B, L, H)),
            "beta": sigmoid(rng.normal(0, 1, (B, L, H))),
            "reset": (rng.random((B, L)) < 0.05).astype(float)}


def forward(inputs, parameters, H, K, V):
    q, k, v, g, beta, reset = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S[reset[:, t] != 0] = 0
        S = np.exp(g[:, t])[..., None, None] * S
        error = v[:, t] - np.einsum("bhkv,bhk->bhv", S, k[:, t])
        S = S + np.einsum("bh,bhk,bhv->bhkv", beta[:, t], k[:, t], error)
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("gated_delta_rule_rec", "gated_delta_rule_rec_init", "gated_delta_rule_chunk",
                 "gated_delta_rule_chunk_init"):
        arguments = {"q": "q", "k": "k", "v": "v", "g": "g", "beta": "beta"}
        yield from vectors.matrix_state(load, file, arguments, reset=True)
