"""RWKV-7, the core (catalog C, 1.B "RWKV-7", Core DP with g = -exp(w)).
"""
import numpy as np

from harness import Golden, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    kappa = rng.normal(0, 1, (B, L, H, K))
    kappa /= np.linalg.norm(kappa, axis=-1, keepdims=True)
    return {"r": rng.normal(0, 1, (B, L, H, K)),
            "w": rng.normal(-2, 1, (B, L, H, K)),
            "k": rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V)),
            "a": -kappa,
            "b": kappa * rng.uniform(0, 1, (B, L, H, K))}


def forward(inputs, parameters, H, K, V):
    r, w, k, v, a, b = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        decay = np.exp(-np.exp(w[:, t]))[..., None]
        moved = np.einsum("bhk,bhj,bhjv->bhkv", b[:, t], a[:, t], S)
        S = decay * S + moved + np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, r[:, t])
    return [o]


def goldens(load):
    d = load("rwkv7_core_md_init")
    inputs = {name: vectors.heads_second(d["q" if name == "r" else name]) for name in "rwkvab"}
    yield Golden("rwkv7_core_md_init", {"H": 3, "K": 5, "V": 7}, inputs, {},
                 [vectors.heads_second(d["out_o"])], {"op0.recurrent": d["initial_state"]},
                 {"op0.recurrent": d["out_final_state"]})
