"""LightNet (catalog C, 1.B "LightNet"), causal: per key channel a softmax of k over
the steps so far weighs the values.
"""
import numpy as np

from harness import Golden, silu

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    return {"q": silu(rng.normal(0, 1, (B, L, H, K))) * K**-0.5,
            "k": 3 * rng.normal(0, 1, (B, L, H, K)),
            "v": rng.normal(0, 1, (B, L, H, V))}


def forward(inputs, parameters, H, K, V):
    q, k, v = inputs.values()
    z = np.logaddexp.accumulate(k, axis=1)
    o = np.zeros_like(v)
    for t in range(v.shape[1]):
        S = np.einsum("bshk,bshv->bhkv", np.exp(k[:, :t + 1] - z[:, t:t + 1]), v[:, :t + 1])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    d = load("lightnet_core")
    inputs = {"q": silu(d["q"]) * 5**-0.5, "k": d["k"], "v": d["v"]}
    yield Golden("lightnet_core", {"H": 3, "K": 5, "V": 7}, inputs, {}, [d["out_o"]])
