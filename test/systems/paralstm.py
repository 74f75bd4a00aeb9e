"""ParaLSTM (catalog C, "ParaRNN"), one head: an LSTM with coupled input and forget
gates, peepholes, and diagonal recurrent matrices; o sees the new cell.
"""
import numpy as np

from harness import sigmoid

SIZES = {"M": 3, "D": 3}
AWKWARD = [{"M": 5, "D": 37}, {"M": 1, "D": 1}]


def parameters(rng, M, D):
    weights = {f"A_{gate}": rng.uniform(-0.5, 0.5, D) for gate in "foc"}  # contractive
    weights.update({f"B_{gate}": rng.normal(0, M**-0.5, (D, M)) for gate in "foc"})
    weights.update({f"C_{gate}": rng.uniform(-0.5, 0.5, D) for gate in "fo"})
    return {**weights, **{f"b_{gate}": rng.normal(0, 0.5, D) for gate in "foc"}}


def inputs(rng, B, L, M, D):
    return {"x": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, D):
    x, p = inputs["x"], parameters
    c = h = np.zeros((x.shape[0], D))
    y = np.empty((*x.shape[:2], D))
    for t in range(x.shape[1]):
        f, o, g = (p[f"A_{n}"] * h + x[:, t] @ p[f"B_{n}"].T + p[f"b_{n}"] for n in "foc")
        f = sigmoid(f + p["C_f"] * c)
        c = f * c + (1 - f) * np.tanh(g)
        h = y[:, t] = sigmoid(o + p["C_o"] * c) * np.tanh(c)
    return [y]
