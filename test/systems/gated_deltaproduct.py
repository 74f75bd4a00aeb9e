"""Gated DeltaProduct (catalog C, 1.B "DeltaProduct"): one decay and N delta steps per
token; beta in (0, 2).
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"H": 2, "K": 4, "V": 3, "N": 2}
AWKWARD = [{"H": 3, "K": 5, "V": 7, "N": 3}, {"H": 1, "K": 1, "V": 1, "N": 1}]


def inputs(rng, B, L, H, K, V, N):
    k = rng.normal(0, 1, (B, L, N, H, K))
    return {"q": rng.normal(0, 1, (B, L, H, K)),
            "k": k / np.linalg.norm(k, axis=-1, keepdims=True),
            "v": rng.normal(0, 1, (B, L, N, H, V)),
            "g": -rng.exponential(0.3, (B, L, H)),
            "beta": 2 * sigmoid(rng.normal(0, 1, (B, L, N, H)))}


def forward(inputs, parameters, H, K, V, N):
    q, k, v, g, beta = inputs.values()
    S = np.zeros((len(q), H, K, V))
    o = np.empty((*q.shape[:3], V))
    for t in range(q.shape[1]):
        S = np.exp(g[:, t])[..., None, None] * S
        for j in range(N):
            scaled = beta[:, t, j, :, None] * k[:, t, j]
            turn = np.eye(K) - scaled[..., None] * k[:, t, j, :, None]
            S = turn @ S + scaled[..., None] * v[:, t, j, :, None]
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def golden(load, file, arguments):
    d = load(file)
    B, steps, H, K = d["q"].shape
    inputs = {name: d[name] for name in arguments}
    for name in ("k", "v", "beta"):  # there [B, T*N, ...]
        inputs[name] = d[name].reshape(B, steps, -1, *d[name].shape[2:])
    sizes = {"H": H, "K": K, "V": d["v"].shape[-1], "N": inputs["k"].shape[2]}
    states = {}
    if "initial_state" in d:
        states["initial"] = {"op0.recurrent": d["initial_state"].swapaxes(2, 3)}
        states["final"] = {"op0.recurrent": d["out_final_state"].swapaxes(2, 3)}
    return Golden(file, sizes, inputs, {}, [d["out_o"]], **states)


def goldens(load):
    for file in ("gated_delta_product_n2", "gated_delta_product_n3_init"):
        yield golden(load, file, ("q", "k", "v", "g", "beta"))
