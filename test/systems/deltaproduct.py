"""DeltaProduct (catalog C, 1.B "DeltaProduct"): N delta steps per token, so that its
transition is a product of N Householder-like matrices; beta in (0, 2).
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"H": 2, "K": 4, "V": 3, "N": 2}
AWKWARD = [{"H": 3, "K": 5, "V": 7, "N": 3}, {"H": 1, "K": 1, "V": 1, "N": 1}]


def parameters(rng, H, K, V, N):
    return {}


def inputs(rng, B, L, H, K, V, N):
    k = rng.normal(0, 1, (B, L, N, H, K))
    return {"q": rng.normal(0, 1, (B, L, H, K)),
            "k": k / np.linalg.norm(k, axis=-1, keepdims=True),
            "v": rng.normal(0, 1, (B, L, N, H, V)),
            "beta": 2 * sigmoid(rng.normal(0, 1, (B, L, N, H)))}


def forward(inputs, parameters, H, K, V, N):
    q, k, v, beta = inputs.values()
    S = np.zeros((len(q), H, K, V))
    o = np.empty((*q.shape[:3], V))
    for t in range(q.shape[1]):
        for j in range(N):
            scaled = beta[:, t, j, :, None] * k[:, t, j]
            turn = np.eye(K) - scaled[..., None] * k[:, t, j, :, None]
            S = turn @ S + scaled[..., None] * v[:, t, j, :, None]
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("delta_product_n3_init",):
        d = load(file)
        steps = d["q"].shape[1]
        inputs = {name: d[name] for name in ("q", "k", "v", "beta")}
        for name in ("k", "v", "beta"):  # there [B, T*N, ...]
            inputs[name] = d[name].reshape(2, steps, -1, *d[name].shape[2:])
        sizes = {"H": 3, "K": 5, "V": 7, "N": inputs["k"].shape[2]}
        states = {}
        if "initial_state" in d:
            states["initial"] = {"op0.recurrent": d["initial_state"].swapaxes(2, 3)}
            states["final"] = {"op0.recurrent": d["out_final_state"].swapaxes(2, 3)}
        yield Golden(file, sizes, inputs, {}, [d["out_o"]], **states)
