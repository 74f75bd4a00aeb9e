"""DeltaNet with eigenvalues in (-1, 1) (catalog C, 1.B "Negative eigenvalues"):
beta = 2 sigmoid(b), S_t = (I - beta_t k_t k_t^T) S_{t-1} + beta_t k_t v_t^T.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V, unit_keys=True),
            "b": rng.normal(1, 2, (B, L, H))}


def forward(inputs, parameters, H, K, V):
    q, k, v, b = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        beta = 2 * sigmoid(b[:, t])[..., None]
        turn = np.eye(K) - (beta * k[:, t])[..., None] * k[:, t, :, None]
        S = turn @ S + (beta * k[:, t])[..., None] * v[:, t, :, None]
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]
