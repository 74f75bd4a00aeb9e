"""ParaGRU (catalog C, "ParaRNN"), one head: a GRU whose recurrent matrices are
diagonal, h' = (1 - z) h + z n.
"""
import numpy as np

from harness import sigmoid

SIZES = {"M": 3, "D": 3}
AWKWARD = [{"M": 5, "D": 37}, {"M": 1, "D": 1}]


def parameters(rng, M, D):
    diagonal = {f"A_{gate}": rng.uniform(-0.5, 0.5, D) for gate in "zrh"}  # contractive
    dense = {f"B_{gate}": rng.normal(0, M**-0.5, (D, M)) for gate in "zrh"}
    return {**diagonal, **dense, **{f"b_{gate}": rng.normal(0, 0.5, D) for gate in "zrh"}}


def inputs(rng, B, L, M, D):
    return {"x": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, D):
    x, p = inputs["x"], parameters
    h = np.zeros((x.shape[0], D))
    y = np.empty((*x.shape[:2], D))
    for t in range(x.shape[1]):
        z, r, n = (x[:, t] @ p[f"B_{gate}"].T + p[f"b_{gate}"] for gate in "zrh")
        z, r = sigmoid(p["A_z"] * h + z), sigmoid(p["A_r"] * h + r)
        h = y[:, t] = (1 - z) * h + z * np.tanh(p["A_h"] * (h * r) + n)
    return [y]
