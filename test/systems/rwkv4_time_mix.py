"""RWKV-4's time mix (catalog C, 1.B "RWKV-4"): O (sigmoid(R x_r) wkv(K x_k, V x_v)) with
x_c = mix_c x_t + (1 - mix_c) x_{t-1}.
"""
import numpy as np

import rwkv4
from harness import Golden, sigmoid
from rwkv_channel_mix import before

SIZES = {"D": 12}
AWKWARD = [{"D": 5}, {"D": 1}]


def parameters(rng, D):
    weights = {f"mix_{c}": rng.uniform(0, 1, D) for c in "kvr"}
    weights.update({name: rng.normal(0, D**-0.5, (D, D)) for name in "KVRO"})
    return {**weights, **rwkv4.parameters(rng, D)}


def inputs(rng, B, L, D):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D):
    x, p = inputs["x"], parameters
    k, v, r = ((x * p[f"mix_{c}"] + before(x) * (1 - p[f"mix_{c}"])) @ p[c.upper()].T
               for c in "kvr")
    wkv, = rwkv4.forward({"k": k, "v": v}, p, D)
    return [(sigmoid(r) * wkv) @ p["O"].T]


def goldens(load):
    for file in ("rwkv4_mix", "rwkv4_mix_init"):
        d = load(file)
        weights = {name: d[f"{name.lower()}w"] for name in "KVRO"}
        weights.update({f"mix_{c}": d[f"time_mix_{c}"] for c in "kvr"})
        weights["time_decay"] = np.log(-d["time_decay"])  # there -e^{time_decay}
        weights["time_first"] = d["time_first"]
        yield Golden(file, {"D": 12}, {"x": d["x"][None]}, weights, [d["out_att"][None]],
                     states(d["state"]), states(d["out_final_state"]))


def states(rows):
    """Rows are: last token of the channel mix, of the time mix, the sums."""
    return {"op0.shift_window": rows[1:2, :, None], "op1.num": rows[2:3],
            "op1.den": rows[3:4], "op1.max": rows[4:5]}
