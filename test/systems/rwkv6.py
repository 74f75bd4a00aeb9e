"""RWKV-6, the core (catalog C, 1.B "RWKV-6", Core RB): RWKV-5 with a log decay
w_t per step.
"""
import numpy as np

from harness import vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def parameters(rng, H, K, V):
    return {"u": rng.normal(0, 1, (H, K))}


def inputs(rng, B, L, H, K, V):
    return {"r": rng.normal(0, 1, (B, L, H, K)),
            "k": rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V)),
            "w": -np.exp(rng.uniform(-4, 1, (B, L, H, K)))}


def forward(inputs, parameters, H, K, V):
    r, k, v, w = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        seen = S + (parameters["u"] * k[:, t])[..., None] * v[:, t, :, None]
        o[:, t] = np.einsum("bhkv,bhk->bhv", seen, r[:, t])
        S = np.exp(w[:, t])[..., None] * S + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
    return [o]


def goldens(load):
    for file in ("rwkv6_rec", "rwkv6_rec_init", "rwkv6_chunk"):
        yield from vectors.matrix_state(load, file, {"r": "q", "k": "k", "v": "v", "w": "w"},
                                        heads_first=True, scale=False,
                                        parameters=lambda d, **_: {"u": d["u"]})
    for file in ("rwkv6_rec_scaled_init",):
        yield from vectors.matrix_state(load, file, {"r": "q", "k": "k", "v": "v", "w": "w"},
                                        heads_first=True,
                                        parameters=lambda d, **_: {"u": d["u"]})
