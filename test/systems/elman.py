"""Elman's network (catalog C, section 2, "RNN / LSTM / GRU"):
h_t = tanh(W x_t + U h_{t-1} + b).
"""
import numpy as np

from harness import Golden

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 13}, {"D": 1, "H": 1}]


def parameters(rng, D, H):
    return {"W": rng.normal(0, D**-0.5, (H, D)), "U": rng.normal(0, H**-0.5, (H, H)),
            "b": rng.normal(0, 0.1, H)}


def inputs(rng, B, L, D, H):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, H):
    x, p = inputs["x"], parameters
    h = np.zeros((x.shape[0], H))
    y = np.empty((*x.shape[:2], H))
    for t in range(x.shape[1]):
        h = y[:, t] = np.tanh(x[:, t] @ p["W"].T + h @ p["U"].T + p["b"])
    return [y]


def goldens(load):
    d = load("nn_rnn")
    weights = {"W": d["weight_ih_l0"], "U": d["weight_hh_l0"],
               "b": d["bias_ih_l0"] + d["bias_hh_l0"]}
    yield Golden("nn_rnn", {"D": 5, "H": 4}, {"x": d["x"]}, weights, [d["out_o"]],
                 {"op0.h": d["h0"][0]}, {"op0.h": d["out_h_n"][0]})
