"""Comba (catalog C, "Variants of GD/KD"): the delta rule whose error is read with p
on the undecayed state, as FLA's chunk form and kernel do.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    qkv = vectors.qkv(rng, B, L, H, K, V, unit_keys=True)
    return {**qkv,
            "p": qkv["k"] * sigmoid(rng.normal(2, 1, (B, L, H, 1))),
            "beta": sigmoid(rng.normal(0, 1, (B, L, H))),
            "g": -rng.exponential(0.3, (B, L, H))}


def forward(inputs, parameters, H, K, V):
    return comba(inputs, decayed=False)


def comba(inputs, decayed):
    """`decayed` says of which state the error is read."""
    q, k, v, p, beta, g = inputs.values()
    S = np.zeros((*q[:, 0].shape, v.shape[-1]))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        R = np.exp(g[:, t])[..., None, None] * S
        known = np.einsum("bhkv,bhk->bhv", R if decayed else S, p[:, t])
        S = R + np.einsum("bh,bhk,bhv->bhkv", beta[:, t], k[:, t], v[:, t] - known)
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


ARGUMENTS = {name: name for name in ("q", "k", "v", "p", "beta", "g")}


def goldens(load):
    yield from vectors.matrix_state(load, "comba_chunk_init", ARGUMENTS)
