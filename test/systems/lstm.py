"""LSTM (catalog C, section 2, "RNN / LSTM / GRU"): gates i, f, o through sigmoid and g
through tanh of W x_t + U h_{t-1} + b; c_t = f c_{t-1} + i g, h_t = o tanh(c_t).
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 13}, {"D": 1, "H": 1}]


def parameters(rng, D, H):
    shapes = {"W": (H, D), "U": (H, H), "b": (H,)}
    return {f"{name}_{gate}": rng.normal(0, H**-0.5, shape)
            for name, shape in shapes.items() for gate in "ifgo"}


def inputs(rng, B, L, D, H):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, H):
    x, p = inputs["x"], parameters
    h = c = np.zeros((x.shape[0], H))
    y = np.empty((*x.shape[:2], H))
    for t in range(x.shape[1]):
        i, f, g, o = (x[:, t] @ p[f"W_{n}"].T + h @ p[f"U_{n}"].T + p[f"b_{n}"] for n in "ifgo")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = y[:, t] = sigmoid(o) * np.tanh(c)
    return [y]


def goldens(load):
    d = load("nn_lstm")
    fields = {"W": d["weight_ih_l0"], "U": d["weight_hh_l0"],
              "b": d["bias_ih_l0"] + d["bias_hh_l0"]}
    weights = {f"{name}_{gate}": rows for name, array in fields.items()
               for gate, rows in zip("ifgo", np.split(array, 4))}
    yield Golden("nn_lstm", {"D": 5, "H": 4}, {"x": d["x"]}, weights, [d["out_o"]],
                 {"op0.h": d["h0"][0], "op0.c": d["c0"][0]},
                 {"op0.h": d["out_h_n"][0], "op0.c": d["out_c_n"][0]})
