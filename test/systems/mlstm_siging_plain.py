"""mLSTM with sigmoid input gate, not normalized (catalog C, Core ML, "siging"):
C_t = sigmoid(f_t) C_{t-1} + sigmoid(i_t) k_t v_t^T, h_t = C_t^T q_t.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def parameters(rng, H, K, V):
    return {}


def inputs(rng, B, L, H, K, V):
    return {"q": rng.normal(0, 1, (B, L, H, K)) * K**-0.5,
            "k": rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V)),
            "i": rng.normal(0, 2, (B, L, H)),
            "f": rng.normal(3, 2, (B, L, H))}


def forward(inputs, parameters, H, K, V):
    q, k, v, i, f = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = sigmoid(f[:, t])[..., None, None] * S \
            + sigmoid(i[:, t])[..., None, None] * np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    yield from vectors.mlstm_parallel(load, "mlstm_siging_parallel_nonorm")
