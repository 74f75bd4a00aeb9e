"""RWKV-5's time mix (catalog C, 1.B "RWKV-5"): projections of mixed tokens, Core RB per
head, a group norm of its output over 8, the gate silu(G x_g), a projection.
"""
import numpy as np

import rwkv5
from harness import Golden, layer_norm, silu
from rwkv_channel_mix import before

SIZES = {"D": 12, "H": 3, "N": 4}
AWKWARD = [{"D": 10, "H": 2, "N": 5}, {"D": 6, "H": 1, "N": 6}]


def parameters(rng, D, H, N):
    weights = {f"mix_{c}": rng.uniform(0, 1, D) for c in "rkvg"}
    weights.update({name: rng.normal(0, D**-0.5, (D, D)) for name in "RKVGO"})
    return {**weights, "time_decay": rng.uniform(-4, 1, (H, N)), "u": rng.normal(0, 1, (H, N)),
            "norm_w": rng.normal(1, 0.1, (H, N)), "norm_b": rng.normal(0, 0.1, (H, N))}


def inputs(rng, B, L, D, H, N):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, H, N):
    x, p = inputs["x"], parameters
    r, k, v, g = ((x * p[f"mix_{c}"] + before(x) * (1 - p[f"mix_{c}"])) @ p[c.upper()].T
                  for c in "rkvg")
    heads = {c: y.reshape(*x.shape[:2], H, N) for c, y in zip("rkv", (r, k, v))}
    o, = rwkv5.forward(heads, p, H, N, N)
    y = layer_norm(o / 8, eps=1e-5) * p["norm_w"] + p["norm_b"]
    return [(y.reshape(x.shape) * silu(g)) @ p["O"].T]


def goldens(load):
    d = load("rwkv5_mix_init")
    weights = {name: d[f"{name.lower()}w"] for name in "RKVGO"}
    weights.update({f"mix_{c}": d[f"time_mix_{c}"] for c in "rkvg"})
    weights["time_decay"] = np.log(-np.log(d["time_decay"][..., 0]))  # there the factor
    weights.update(u=d["time_first"][..., 0], norm_w=d["ln_w"].reshape(3, 4),
                   norm_b=d["ln_b"].reshape(3, 4))
    yield Golden("rwkv5_mix_init", SIZES, {"x": d["x"][None]}, weights, [d["out_att"][None]],
                 states(d["state"]), states(d["out_final_state"]))


def states(rows, op="op1"):
    """Rows are: last token of the channel mix, of the time mix, S [H, key, value]."""
    S = rows[2:].reshape(1, 3, 4, 4).swapaxes(2, 3)
    return {"op0.shift_window": rows[1:2, :, None], f"{op}.recurrent": S}
