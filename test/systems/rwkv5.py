"""RWKV-5, the core (catalog C, 1.B "RWKV-5", Core RB): the newest key and value
are read with the bonus u, the state before them as it is.
"""
import numpy as np

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def parameters(rng, H, K, V):
    return {"time_decay": rng.uniform(-4, 1, (H, K)),
            "u": rng.normal(0, 1, (H, K))}


def inputs(rng, B, L, H, K, V):
    return {"r": rng.normal(0, 1, (B, L, H, K)),
            "k": rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V))}


def forward(inputs, parameters, H, K, V):
    decay = np.exp(-np.exp(parameters["time_decay"]))[..., None]
    r, k, v = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        seen = S + (parameters["u"] * k[:, t])[..., None] * v[:, t, :, None]
        o[:, t] = np.einsum("bhkv,bhk->bhv", seen, r[:, t])
        S = decay * S + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
    return [o]
