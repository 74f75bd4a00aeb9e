"""Linear attention (catalog C, 1.B "Linear attention"): S_t = S_{t-1} + k_t v_t^T,
o_t = S_t^T q_t, with the identity for a feature map.
"""
import numpy as np

from harness import vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    return vectors.qkv(rng, B, L, H, K, V)


def forward(inputs, parameters, H, K, V):
    q, k, v = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = S + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("linear_attn_rec", "linear_attn_rec_init", "linear_attn_chunk64"):
        yield from vectors.matrix_state(load, file, {"q": "q", "k": "k", "v": "v"})
