"""Hyena, order 3, short convolution over 5 steps (catalog A, 2.2 Hyena): v <- k_j *
(v x_i) + bias_j (v x_i) for i = 2, 1 with j = 0, 1; y = out_proj(v x0). Of the code's
filter, channel-major then order, the module has each order apart."""
import numpy as np

from harness import Golden
from harness.lti import causal
from harness.selective import short_conv

SIZES = {"D": 4, "E": 5, "O": 6, "K": 130}
AWKWARD = [{"D": 3, "E": 3, "O": 8, "K": 41}]


def features(E, K):
    """z [K, E] and t [K] (row K - 1 is t = 1)."""
    t = np.linspace(0, 1, K)
    bands = (E - 1) // 2
    angle = 2 * np.pi * np.arange(K)[:, None] / K * np.linspace(1e-4, bands - 1, bands)
    return np.concatenate([t[:, None], np.cos(angle), -np.sin(angle)], axis=1), t


def filter_parameters(rng, D, E, O, K):
    z, t = features(E, K)
    deltas = np.linspace(np.log(1e-2) / 1.5, np.log(1e-2) / 0.3, D)
    p = {"filter.bias": rng.normal(0, 1, D), "filter.z": z,
         "filter.window": np.exp(-t * np.abs(deltas)[:, None]), "filter.freq": np.full(O, 3.0)}
    for i, (rows, columns) in enumerate([(O, E), (O, O), (O, O), (D, O)]):
        p[f"filter.{i}.weight"] = rng.uniform(-1, 1, (rows, columns)) * columns**-0.5
        p[f"filter.{i}.bias"] = rng.uniform(-1, 1, rows) * columns**-0.5
    del p["filter.3.bias"]
    return p


def apart(p, D):
    """The parameters of a filter for 2 D channels, by order."""
    for name in ("filter.3.weight", "filter.window", "filter.bias"):
        both = p.pop(name)
        p.update({f"{name}.{j}": both.reshape(D, 2, -1)[:, j].reshape(D, *both.shape[1:])
                  for j in range(2)})
    return p


def parameters(rng, D, E, O, K):
    p = filter_parameters(rng, 2 * D, E, O, K)
    p.update({"in_proj.weight": rng.normal(0, D**-0.5, (4 * D, D)),
              "in_proj.bias": rng.normal(0, 0.1, 4 * D),
              "short_filter.weight": rng.normal(0, 0.5, (4 * D, 1, 5)),
              "short_filter.bias": rng.normal(0, 0.1, 4 * D),
              "out_proj.weight": rng.normal(0, D**-0.5, (D, D)),
              "out_proj.bias": rng.normal(0, 0.1, D)})
    return apart(p, D)


def inputs(rng, B, L, D, **sizes):
    return {"u": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, E, O, K):
    p, u = parameters, inputs["u"]
    h = p["filter.z"]
    for i in range(3):
        h = np.sin(p["filter.freq"] * (h @ p[f"filter.{i}.weight"].T + p[f"filter.{i}.bias"]))
    s = short_conv(u @ p["in_proj.weight"].T + p["in_proj.bias"], p["short_filter.weight"][:, 0],
                   p["short_filter.bias"])
    x0, x1, x2, v = np.split(s, 4, axis=-1)
    for j, gate in enumerate((x2, x1)):
        kernel = (h @ p[f"filter.3.weight.{j}"].T).T * p[f"filter.window.{j}"]
        v = causal(kernel, v * gate) + p[f"filter.bias.{j}"] * v * gate
    return [(v * x0) @ p["out_proj.weight"].T + p["out_proj.bias"]]


def official(d):
    """Of a filter for 13 positions."""
    z, t = features(5, 13)
    parameters = {key[2:]: value for key, value in d.items()
                  if key.startswith("p.") and "filter_fn" not in key}
    for i, layer in enumerate((0, 2, 4, 6)):
        name = f"p.filter_fn.implicit_filter.{layer}"
        parameters[f"filter.{i}.weight"] = d[f"{name}.weight"]
        if i < 3:
            parameters[f"filter.{i}.bias"] = d[f"{name}.bias"]
    deltas = np.abs(d["p.filter_fn.modulation.deltas"][0, 0])
    return {**parameters, "filter.bias": d["p.filter_fn.bias"], "filter.z": z,
            "filter.freq": d["p.filter_fn.implicit_filter.1.freq"][0],
            "filter.window": np.exp(-t * deltas[:, None])}


def goldens(load):
    d = load("hyena_order3_short5")
    parameters = apart(official(d), 4)
    sizes = {"D": 4, "E": 5, "O": 6, "K": 13}
    yield Golden("hyena_order3_short5", sizes, {"u": d["u"]}, parameters, [d["y"]])
    yield Golden("hyena_order3_short5 short", sizes, {"u": d["u"][:, :9]}, parameters,
                 [d["y_short"]])
