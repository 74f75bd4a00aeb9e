"""Preconditioned KDA (catalog C, "Variants of GD/KD"): Core KD whose write key is
k * M, M = x^(-r/(1+|r|)), x = 1.5, r = log(A + 1e-6) + 0.2, A a decayed sum of k^2.
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]
# Entries have 0.2 and 1e-6 as constants, in float32.
ROUNDED = 1e-7


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V, unit_keys=True),
            "ga": -rng.exponential(0.1, (B, L, H)),
            "g": -rng.exponential(0.3, (B, L, H, K)),
            "betaa": sigmoid(rng.normal(0, 1, (B, L, H))),
            "beta": sigmoid(rng.normal(0, 1, (B, L, H)))}


def forward(inputs, parameters, H, K, V):
    q, k, v, ga, g, betaa, beta = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    A = np.zeros(S.shape[:3])
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        A = np.exp(ga[:, t])[..., None] * A + betaa[:, t, :, None] * k[:, t]**2
        r = np.log(A + 1e-6) + 0.2
        M = 1.5**(-r / (1 + np.abs(r)))
        S = np.exp(g[:, t])[..., None] * S
        error = v[:, t] - np.einsum("bhkv,bhk->bhv", S, k[:, t])
        S = S + np.einsum("bh,bhk,bhv->bhkv", beta[:, t], k[:, t] * M, error)
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def golden(load, file):
    arguments = {"q": "q", "k": "k", "v": "v",
                 "ga": "g_atk", "g": "g", "betaa": "beta_atk", "beta": "beta"}
    return vectors.matrix_state(load, file, arguments, value_first=False,
                                extra={"op0.A": ("initial_A_state", "out_final_A_state")},
                                tolerance=ROUNDED)


def goldens(load):
    yield from golden(load, "precond_kda_init")
