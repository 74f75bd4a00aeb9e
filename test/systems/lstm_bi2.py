"""LSTM in two layers and both directions (catalog C, section 2, "RNN / LSTM /
GRU", bidirectional): layer 1 reads both directions of layer 0. A start is added to
the state before its step.
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 7}, {"D": 1, "H": 1}]
CAUSAL = False
RUNS = ("0f", "0b", "1f", "1b")  # layer, direction


def parameters(rng, D, H):
    shapes = {"W0f": (4 * H, D), "W0b": (4 * H, D)}
    shapes.update({f"W{side}{d}": (4 * H, H) for side in "fb" for d in ("1f", "1b")})
    for d in RUNS:
        shapes.update({f"b{d}": (4 * H,), f"U{d}": (4, H, H)})
    return {name: rng.normal(0, H**-0.5, shape) for name, shape in shapes.items()}


def inputs(rng, B, L, D, H):
    starts = {f"{state}{d}": np.zeros((B, L, H)) for state in ("h", "c") for d in RUNS}
    for start in starts.values():
        start[:, :1] = rng.normal(0, 1, (B, min(L, 1), H))
    return {"x": rng.normal(0, 1, (B, L, D)), **starts}


def cell(x, U, start, start_c, H, backward):
    if backward:
        return cell(x[:, ::-1], U, start[:, ::-1], start_c[:, ::-1], H, False)[:, ::-1]
    h = c = np.zeros((x.shape[0], H))
    y = np.empty((*x.shape[:2], H))
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] + (h + start[:, t]) @ U.reshape(-1, H).T, 4, axis=1)
        c = sigmoid(f) * (c + start_c[:, t]) + sigmoid(i) * np.tanh(g)
        h = y[:, t] = sigmoid(o) * np.tanh(c)
    return y


def forward(inputs, parameters, D, H):
    starts, p = inputs, parameters
    y = {}
    for d in RUNS:
        if d[0] == "0":
            x = inputs["x"] @ p["W" + d].T + p["b" + d]
        else:
            x = y["0f"] @ p["Wf" + d].T + y["0b"] @ p["Wb" + d].T + p["b" + d]
        y[d] = cell(x, p["U" + d], starts["h" + d], starts["c" + d], H, d[1] == "b")
    return [y["1f"], y["1b"]]


def goldens(load):
    d = load("nn_lstm_bi2")
    inputs, weights = {"x": d["x"]}, {}
    for state in ("h", "c"):
        for row, run in enumerate(RUNS):
            start = inputs[state + run] = np.zeros((2, 13, 4))
            start[:, -1 if run[1] == "b" else 0] = d[state + "0"][row]
    for run in RUNS:
        suffix = f"_l{run[0]}" + ("_reverse" if run[1] == "b" else "")
        W, bias = d["weight_ih" + suffix], d["bias_ih" + suffix]
        if run[0] == "0":
            weights["W" + run] = W
        else:
            weights["Wf" + run], weights["Wb" + run] = W[:, :4], W[:, 4:]
        weights["b" + run] = bias + d["bias_hh" + suffix]
        weights["U" + run] = d["weight_hh" + suffix].reshape(4, 4, 4)
    yield Golden("nn_lstm_bi2", {"D": 5, "H": 4}, inputs, weights,
                 [d["out_o"][..., :4], d["out_o"][..., 4:]])
