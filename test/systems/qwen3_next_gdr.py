"""The gated delta rule of Qwen3-Next (catalog C, Core GD and 3.B "qwen3_next"):
q and k become x / sqrt(sum x^2 + 1e-6), then q is scaled by K^{-1/2}.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def parameters(rng, H, K, V):
    return {"scale": np.full(K, K**-0.5)}


def inputs(rng, B, L, H, K, V):
    return {"q": rng.normal(0, 1, (B, L, H, K)),
            "k": rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V)),
            "g": -rng.exponential(0.3, (B, L, H)),
            "beta": sigmoid(rng.normal(0, 1, (B, L, H)))}


def forward(inputs, parameters, H, K, V):
    q, k, v, g, beta = inputs.values()
    q, k = (x / np.sqrt(np.sum(x**2, -1, keepdims=True) + 1e-6) for x in (q, k))
    q = q * parameters["scale"]
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = np.exp(g[:, t])[..., None, None] * S
        error = v[:, t] - np.einsum("bhkv,bhk->bhv", S, k[:, t])
        S = S + np.einsum("bh,bhk,bhv->bhkv", beta[:, t], k[:, t], error)
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("qwen3next_gdr_rec_init", "qwen3next_gdr_chunk_init"):
        arguments = {"q": "query", "k": "key", "v": "value", "g": "g", "beta": "beta"}
        yield from vectors.matrix_state(load, file, arguments, scale=False,
                                        parameters=lambda d, **sizes: parameters(None, **sizes))
