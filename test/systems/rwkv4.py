"""RWKV-4, the core (catalog C, 1.B "RWKV-4"), in its explicit form: wkv_t is the mean of
the values, of earlier steps with weight e^{(t-1-j) w + k_j}, of this one with
weight e^{u + k_t}; w = -e^{time_decay}.
"""
import numpy as np

from harness import Golden

SIZES = {"D": 3}
AWKWARD = [{"D": 12}, {"D": 1}]


def parameters(rng, D):
    return {"time_decay": rng.uniform(-4, 1, D), "time_first": rng.normal(0, 1, D)}


def inputs(rng, B, L, D):
    return {"k": 3 * rng.normal(0, 1, (B, L, D)), "v": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D):
    k, v = inputs.values()
    w = -np.exp(parameters["time_decay"])
    y = np.empty_like(v)
    for t in range(v.shape[1]):
        exponent = k[:, :t + 1] + (t - 1 - np.arange(t + 1))[:, None] * w
        exponent[:, t] = k[:, t] + parameters["time_first"]
        weight = np.exp(exponent - exponent.max(1, keepdims=True))
        y[:, t] = (weight * v[:, :t + 1]).sum(1) / weight.sum(1)
    return [y]


def goldens(load):
    for file in ("rwkv4_wkv_hf", "rwkv4_wkv_hf_init"):
        d = load(file)
        inputs = {"k": d["key"], "v": d["value"]}
        weights = {name: d[name] for name in ("time_decay", "time_first")}
        initial, final = {}, {}
        if "num" in d:
            for name, before in (("num", "num"), ("den", "den"), ("max", "mx")):
                initial[f"op0.{name}"] = d[before]
                final[f"op0.{name}"] = d[f"out_{name}_state"]
        yield Golden(file, {"D": 12}, inputs, weights, [d["out_o"]], initial, final)
