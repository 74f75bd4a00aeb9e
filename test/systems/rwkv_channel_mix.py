"""The channel mix of RWKV-4, 5 and 6 (catalog C, 1.B "RWKV-4", "RWKV-6"):
sigmoid(R x_r) V relu(K x_k)^2 with x_c between this token and the one before. In
RWKV-6 the share is of the one before.
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"D": 12, "F": 48}
AWKWARD = [{"D": 5, "F": 17}, {"D": 1, "F": 1}]


def parameters(rng, D, F):
    return {"mix_k": rng.uniform(0, 1, D), "mix_r": rng.uniform(0, 1, D),
            "K": rng.normal(0, D**-0.5, (F, D)), "V": rng.normal(0, F**-0.5, (D, F)),
            "R": rng.normal(0, D**-0.5, (D, D))}


def inputs(rng, B, L, D, F):
    return {"x": rng.normal(0, 1, (B, L, D))}


def before(x):
    """The token before, zero at first."""
    return np.concatenate([np.zeros_like(x[:, :1]), x], 1)[:, :x.shape[1]]


def forward(inputs, parameters, D, F):
    x, p = inputs["x"], parameters
    x_k, x_r = (x * p[f"mix_{c}"] + before(x) * (1 - p[f"mix_{c}"]) for c in "kr")
    return [sigmoid(x_r @ p["R"].T) * (np.maximum(x_k @ p["K"].T, 0)**2 @ p["V"].T)]


def goldens(load):
    for file, of_last in (("rwkv4_mix", False), ("rwkv4_mix_init", False),
                          ("rwkv5_mix_init", False), ("rwkv6_mix_init", True)):
        d = load(file)
        weights = {"K": d["ffn_kw"], "V": d["ffn_vw"], "R": d["ffn_rw"]}
        for c in "kr":
            share = d[f"ffn_mix_{c}"]
            weights[f"mix_{c}"] = 1 - share if of_last else share
        yield Golden(file, {"D": 12, "F": len(d["ffn_kw"])}, {"x": d["x"][None]}, weights,
                     [d["out_ffn"][None]], {"op0.shift_window": d["state"][:1, :, None]},
                     {"op0.shift_window": d["out_final_state"][:1, :, None]})
