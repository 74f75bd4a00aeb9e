"""RetNet's retention (catalog C, 1.B "RetNet"), in its parallel form:
O = (Q K^T * gamma^{i-j}) V for i >= j, gamma_h = 1 - 2^{-5-h}.
"""
import numpy as np

from harness import vectors

SIZES = {"H": 2, "K": 4, "V": 8}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def parameters(rng, H, K, V):
    return {"gamma": 1 - 2.0**(-5 - np.arange(H))}


def inputs(rng, B, L, H, K, V):
    return vectors.qkv(rng, B, L, H, K, V)


def forward(inputs, parameters, H, K, V):
    q, k, v = inputs.values()
    steps = np.arange(v.shape[1])
    lag = steps[:, None] - steps
    decay = np.where(lag >= 0, parameters["gamma"][:, None, None]**np.maximum(lag, 0), 0)
    return [np.einsum("bihk,bjhk,hij,bjhv->bihv", q, k, decay, v, optimize=True)]


def goldens(load):
    for file in ("retention_parallel",):
        yield from vectors.matrix_state(load, file, {"q": "q", "k": "k", "v": "v"},
                                        heads_first=True,
                                        parameters=lambda d, **sizes: parameters(None, **sizes))
