"""Lightning attention (catalog C, Core SD, the line "Lightning attention"): linear
attention with e^{g_h} per head, g_h = -(8/H) (1 - layer/n_layers) h, here at
layer 2 of 6. Head 0 never decays.
"""
import numpy as np

from harness import vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]
LAYER, LAYERS = 2, 6


def parameters(rng, H, K, V):
    return {"g": -8 / H * (1 - LAYER / LAYERS) * np.arange(H)}


def inputs(rng, B, L, H, K, V):
    return vectors.qkv(rng, B, L, H, K, V)


def forward(inputs, parameters, H, K, V):
    q, k, v = inputs.values()
    decay = np.exp(parameters["g"])[:, None, None]
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = decay * S + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("lightning_attn_fla", "lightning_attn_fla_init"):
        yield from vectors.matrix_state(load, file, {"q": "q", "k": "k", "v": "v"},
                                        parameters=lambda d, **sizes: parameters(None, **sizes))
