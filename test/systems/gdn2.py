"""GDN-2 (catalog C, "Variants of GD/KD"): KDA with an erase gate b per key channel and
a write gate w per value channel.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V, unit_keys=True),
            "g": -rng.exponential(0.3, (B, L, H, K)),
            "b": sigmoid(rng.normal(0, 1, (B, L, H, K))),
            "w": sigmoid(rng.normal(0, 1, (B, L, H, V)))}


def forward(inputs, parameters, H, K, V):
    q, k, v, g, b, w = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = np.exp(g[:, t])[..., None] * S
        error = w[:, t] * v[:, t] - np.einsum("bhkv,bhk->bhv", S, b[:, t] * k[:, t])
        S = S + np.einsum("bhk,bhv->bhkv", k[:, t], error)
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("gdn2_rec_init", "gdn2_chunk_init"):
        arguments = {"q": "q", "k": "k", "v": "v", "g": "g", "b": "b", "w": "w"}
        yield from vectors.matrix_state(load, file, arguments)
