"""KDA (catalog C, 1.B "KDA", Core KD): the delta rule on a state decayed per key channel.
Consecutive value heads share a head of q and k.
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"H": 2, "R": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 1, "R": 3, "K": 5, "V": 7}, {"H": 3, "R": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, R, K, V):
    k = rng.normal(0, 1, (B, L, H, K))
    return {"q": rng.normal(0, 1, (B, L, H, K)) * K**-0.5,
            "k": k / np.linalg.norm(k, axis=-1, keepdims=True),
            "v": rng.normal(0, 1, (B, L, H * R, V)),
            "g": -rng.exponential(0.3, (B, L, H * R, K)),
            "beta": sigmoid(rng.normal(0, 1, (B, L, H * R)))}


def forward(inputs, parameters, H, R, K, V):
    q, k, v, g, beta = inputs.values()
    q, k = np.repeat(q, R, axis=2), np.repeat(k, R, axis=2)
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = np.exp(g[:, t])[..., None] * S
        error = v[:, t] - np.einsum("bhkv,bhk->bhv", S, k[:, t])
        S = S + np.einsum("bh,bhk,bhv->bhkv", beta[:, t], k[:, t], error)
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    for file in ("kda_rec", "kda_rec_init", "kda_rec_gva_init", "kda_chunk_init"):
        d = load(file)
        inputs = {name: d[name] for name in ("q", "k", "v", "g", "beta")}
        inputs["q"] = d["q"] * 5**-0.5
        sizes = {"H": 3, "R": d["v"].shape[2] // 3, "K": 5, "V": 7}
        states = {}
        if "initial_state" in d:
            states["initial"] = {"op0.recurrent": d["initial_state"].swapaxes(2, 3)}
            states["final"] = {"op0.recurrent": d["out_final_state"].swapaxes(2, 3)}
        yield Golden(file, sizes, inputs, {}, [d["out_o"]], **states)
