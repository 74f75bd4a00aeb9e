"""RWKV-6's time mix (catalog C, 1.B "RWKV-6"): shares of the token before and decays
that depend on the data through low-rank maps, Core RB per head, group norm, gate.
"""
import numpy as np

import rwkv6
from harness import Golden, layer_norm, silu
from rwkv5_time_mix import states
from rwkv_channel_mix import before

SIZES = {"D": 12, "H": 3, "N": 4, "P": 3, "Q": 3}
OF_VECTOR = {"D": 12, "H": 3, "N": 4, "P": 3, "Q": 6}
AWKWARD = [{"D": 10, "H": 2, "N": 5, "P": 1, "Q": 1}, {"D": 6, "H": 1, "N": 6, "P": 2, "Q": 2}]


def parameters(rng, D, H, N, P, Q):
    weights = {f"maa_{c}": rng.uniform(0, 1, D) for c in "xwkvrg"}
    for c in "wkvrg":
        weights[f"A_{c}"] = rng.normal(0, D**-0.5, (P, D))
        weights[f"B_{c}"] = rng.normal(0, 0.3 * P**-0.5, (D, P))
    weights.update({name: rng.normal(0, D**-0.5, (D, D)) for name in "RKVGO"})
    return {**weights, "D": rng.normal(0, D**-0.5, (Q, D)), "E": rng.normal(0, Q**-0.5, (D, Q)),
            "time_decay": rng.uniform(-4, 1, D), "u": rng.normal(0, 1, (H, N)),
            "norm_w": rng.normal(1, 0.1, D), "norm_b": rng.normal(0, 0.1, D)}


def inputs(rng, B, L, D, H, N, P, Q):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, H, N, P, Q):
    x, p = inputs["x"], parameters
    xx = before(x) - x
    x_x = x + xx * p["maa_x"]
    mixed = {c: x + xx * (p[f"maa_{c}"] + np.tanh(x_x @ p[f"A_{c}"].T) @ p[f"B_{c}"].T)
             for c in "wkvrg"}
    w = -np.exp(p["time_decay"] + np.tanh(mixed["w"] @ p["D"].T) @ p["E"].T)
    projected = {c: mixed[c] @ p[c.upper()].T for c in "rkvg"}
    heads = {c: projected[c].reshape(*x.shape[:2], H, N) for c in "rkv"}
    o, = rwkv6.forward({**heads, "w": w.reshape(heads["k"].shape)}, p, H, N, N)
    y = layer_norm(o, eps=64e-5).reshape(x.shape) * p["norm_w"] + p["norm_b"]
    return [(y * silu(projected["g"])) @ p["O"].T]


def goldens(load):
    d = load("rwkv6_mix_init")
    weights = {name: d[f"{name.lower()}w"] for name in "RKVGO"}
    for c, A, B in zip("wkvrg", np.split(d["tm_w1"].T, 5), d["tm_w2"]):
        weights.update({f"A_{c}": A, f"B_{c}": B.T})
    weights.update({f"maa_{c}": d[f"{c}_maa"] for c in "xwkvrg"})
    weights.update(D=d["td_w1"].T, E=d["td_w2"].T, time_decay=d["time_decay"],
                   u=d["time_first"][..., 0], norm_w=d["ln_w"], norm_b=d["ln_b"])
    yield Golden("rwkv6_mix_init", OF_VECTOR, {"x": d["x"][None]}, weights, [d["out_att"][None]],
                 states(d["state"]), states(d["out_final_state"]))
