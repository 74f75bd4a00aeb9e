"""HGRN2 (catalog C, 1.B "HGRN / HGRN2"): e^g = lb + (1 - lb) sigmoid(f), k = 1 - e^g,
then GLA with v in place of the input.
"""
import numpy as np

from harness import sigmoid, silu, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def parameters(rng, H, K, V):
    return {"lb": rng.uniform(0, 0.9, (H, K))}


def inputs(rng, B, L, H, K, V):
    return {"q": silu(rng.normal(0, 1, (B, L, H, K))) * K**-0.5,
            "f": rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V))}


def forward(inputs, parameters, H, K, V):
    q, f, v = inputs.values()
    decay = parameters["lb"] + (1 - parameters["lb"]) * sigmoid(f)
    k = 1 - decay
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = decay[:, t, :, :, None] * S + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    def with_silu(file):  # that code does it inside
        d = load(file)
        return {**d, "q": silu(d["q"])}

    for file in ("hgrn2_core",):
        yield from vectors.matrix_state(with_silu, file, {"q": "q", "f": "f_raw", "v": "v"},
                                        parameters=lambda d, **_: {"lb": d["lower_bound"]})
