"""Diagonal plus low rank (catalog C, Core DP): S_t = (diag(e^{g_t}) + b_t a_t^T) S_{t-1}
+ k_t v_t^T, o_t = S_t^T q_t.
"""
import numpy as np

from harness import vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    kappa = rng.normal(0, 1, (B, L, H, K))
    kappa /= np.linalg.norm(kappa, axis=-1, keepdims=True)
    return {**vectors.qkv(rng, B, L, H, K, V),
            "a": -kappa,
            "b": kappa * rng.uniform(0, 1, (B, L, H, K)),
            "g": -rng.exponential(0.3, (B, L, H, K))}


def forward(inputs, parameters, H, K, V):
    q, k, v, a, b, g = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        decay = np.exp(g[:, t])[..., None]
        moved = np.einsum("bhk,bhj,bhjv->bhkv", b[:, t], a[:, t], S)
        S = decay * S + moved + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("dplr_rec", "dplr_rec_init", "dplr_chunk_init"):
        arguments = {"q": "q", "k": "k", "v": "v", "a": "alpha", "b": "beta", "g": "gk"}
        yield from vectors.matrix_state(load, file, arguments, heads_first=True)
    for file in ("dplr_test_ref_init",):
        arguments = {"q": "q", "k": "k", "v": "v", "a": "a", "b": "b", "g": "gk"}
        yield from vectors.matrix_state(load, file, arguments)
