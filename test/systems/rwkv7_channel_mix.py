"""RWKV-7's channel mix (catalog C, 1.B "RWKV-7"): V relu(K (x + (x_{t-1} - x) mix))^2.
"""
import numpy as np

from harness import Golden
from rwkv_channel_mix import before

SIZES = {"D": 12, "F": 48}
AWKWARD = [{"D": 5, "F": 17}, {"D": 1, "F": 1}]


def parameters(rng, D, F):
    return {"mix": rng.uniform(0, 1, D), "K": rng.normal(0, D**-0.5, (F, D)),
            "V": rng.normal(0, F**-0.5, (D, F))}


def inputs(rng, B, L, D, F):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, F):
    x, p = inputs["x"], parameters
    k = (x + (before(x) - x) * p["mix"]) @ p["K"].T
    return [np.maximum(k, 0)**2 @ p["V"].T]


def goldens(load):
    for file in ("rwkv7_mix_layer0_init", "rwkv7_mix_layer1_init"):
        d = load(file)
        weights = {"mix": d["ffn_x_k"], "K": d["ffn_kw"], "V": d["ffn_vw"]}
        yield Golden(file, SIZES, {"x": d["x"][None]}, weights, [d["out_ffn"][None]],
                     {"op0.shift_window": d["ffn_x_prev"][None, :, None]},
                     {"op0.shift_window": d["x"][None, -1, :, None]})
