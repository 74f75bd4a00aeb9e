"""AL-RNN (catalog C, "AL-RNN"): z' = A z + W phi(z) + h + s, phi the identity on the first
M - P units and relu on the last P = 1.
"""
import numpy as np

SIZES = {"M": 3}
AWKWARD = [{"M": 13}, {"M": 1}]


def parameters(rng, M):
    return {"A": rng.uniform(-0.5, 0.5, M), "W": rng.normal(0, 0.4 * M**-0.5, (M, M)),
            "h": rng.normal(0, 0.5, M), "relu": (np.arange(M) == M - 1).astype(float)}


def inputs(rng, B, L, M):
    return {"s": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M):
    s, p = inputs["s"], parameters
    z = np.zeros((s.shape[0], M))
    y = np.empty_like(s)
    for t in range(s.shape[1]):
        phi = np.concatenate([z[:, :-1], np.maximum(z[:, -1:], 0)], 1)
        z = y[:, t] = p["A"] * z + phi @ p["W"].T + p["h"] + s[:, t]
    return [y]
