"""DeltaNet (catalog C, 1.B "DeltaNet", Core DR), in its parallel form
U = (I + stril(diag(beta) K K^T))^{-1} diag(beta) V, O = tril(Q K^T) U.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V, unit_keys=True),
            "beta": sigmoid(rng.normal(0, 1, (B, L, H)))}


def forward(inputs, parameters, H, K, V):
    q, k, v, beta = (x.swapaxes(1, 2) for x in inputs.values())
    A = np.tril(beta[..., None] * (k @ k.swapaxes(2, 3)), -1)
    U = np.linalg.solve(np.eye(v.shape[2]) + A, beta[..., None] * v)
    return [(np.tril(q @ k.swapaxes(2, 3)) @ U).swapaxes(1, 2)]


def goldens(load):
    for file in ("delta_rule_rec", "delta_rule_rec_init", "delta_rule_chunk",
                 "delta_rule_parallel"):
        arguments = {"q": "q", "k": "k", "v": "v", "beta": "beta"}
        yield from vectors.matrix_state(load, file, arguments, heads_first=True)
