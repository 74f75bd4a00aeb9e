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
    return {"maa_x": rng.uniform(0, 1, D), "maa": rng.uniform(0, 1, (5, D)),
            "A": rng.normal(0, D**-0.5, (5 * P, D)),
            "B": rng.normal(0, 0.3 * P**-0.5, (5, D, P)),
            **{name: rng.normal(0, D**-0.5, (D, D)) for name in "RKVGO"}, "D": rng.normal(0, D**-0.5, (Q, D)), "E": rng.normal(0, Q**-0.5, (D, Q)),
            "time_decay": rng.uniform(-4, 1, D), "u": rng.normal(0, 1, (H, N)),
            "norm_w": rng.normal(1, 0.1, (H, N)), "norm_b": rng.normal(0, 0.1, (H, N))}


def inputs(rng, B, L, D, H, N, P, Q):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, H, N, P, Q):
    x, p = inputs["x"], parameters
    xx = before(x) - x
    x_x = x + xx * p["maa_x"]
    mixed = {c: x + xx * (maa + np.tanh(x_x @ A.T) @ B.T)
             for c, maa, A, B in zip("wkvrg", p["maa"], np.split(p["A"], 5), p["B"])}
    w = -np.exp(p["time_decay"] + np.tanh(mixed["w"] @ p["D"].T) @ p["E"].T)
    projected = {c: mixed[c] @ p[c.upper()].T for c in "rkvg"}
    heads = {c: projected[c].reshape(*x.shape[:2], H, N) for c in "rkv"}
    o, = rwkv6.forward({**heads, "w": w.reshape(heads["k"].shape)}, p, H, N, N)
    y = layer_norm(o, eps=64e-5) * p["norm_w"] + p["norm_b"]
    return [(y.reshape(x.shape) * silu(projected["g"])) @ p["O"].T]


def goldens(load):
    d = load("rwkv6_mix_init")
    weights = {name: d[f"{name.lower()}w"] for name in "RKVGO"}
    weights.update(maa_x=d["x_maa"], maa=np.stack([d[f"{c}_maa"] for c in "wkvrg"]),
                   A=d["tm_w1"].T, B=d["tm_w2"].swapaxes(1, 2), D=d["td_w1"].T, E=d["td_w2"].T, time_decay=d["time_decay"],
                   u=d["time_first"][..., 0], norm_w=d["ln_w"].reshape(3, 4),
                   norm_b=d["ln_b"].reshape(3, 4))
    yield Golden("rwkv6_mix_init", OF_VECTOR, {"x": d["x"][None]}, weights, [d["out_att"][None]],
                 states(d["state"], "op2"), states(d["out_final_state"], "op2"))
