"""GRU, reset after the product (catalog C, section 2, "RNN / LSTM / GRU"):
r, z = sigmoid(W x + U h + b), n = tanh(W_n x + b_n + r (U_n h + c_n)),
h <- (1 - z) n + z h.
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 13}, {"D": 1, "H": 1}]


def parameters(rng, D, H):
    shapes = {"W": (H, D), "U": (H, H), "b": (H,)}
    weights = {f"{name}_{gate}": rng.normal(0, H**-0.5, shape)
               for name, shape in shapes.items() for gate in "rzn"}
    return {**weights, "c_n": rng.normal(0, H**-0.5, H)}


def inputs(rng, B, L, D, H):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, H):
    x, p = inputs["x"], parameters
    h = np.zeros((x.shape[0], H))
    y = np.empty((*x.shape[:2], H))
    for t in range(x.shape[1]):
        r, z = (sigmoid(x[:, t] @ p[f"W_{n}"].T + h @ p[f"U_{n}"].T + p[f"b_{n}"]) for n in "rz")
        n = np.tanh(x[:, t] @ p["W_n"].T + p["b_n"] + r * (h @ p["U_n"].T + p["c_n"]))
        h = y[:, t] = (1 - z) * n + z * h
    return [y]


def goldens(load):
    d = load("nn_gru")
    weights = {}
    for name, field in (("W", "weight_ih_l0"), ("U", "weight_hh_l0"), ("b", "bias_ih_l0"),
                        ("c", "bias_hh_l0")):
        weights.update({f"{name}_{gate}": rows for gate, rows in zip("rzn", np.split(d[field], 3))})
    for gate in "rz":  # the two biases of n stay apart
        weights[f"b_{gate}"] = weights[f"b_{gate}"] + weights.pop(f"c_{gate}")
    yield Golden("nn_gru", {"D": 5, "H": 4}, {"x": d["x"]}, weights, [d["out_o"]],
                 {"op0.h": d["h0"][0]}, {"op0.h": d["out_h_n"][0]})
