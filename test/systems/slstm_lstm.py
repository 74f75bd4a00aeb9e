"""The LSTM variant of sLSTM's cell (catalog C, "sLSTM (xLSTM)", layouts): an LSTM with
a recurrent matrix per head and gate.
"""
import numpy as np

from harness import sigmoid
from slstm import cell_golden, inputs, parameters

SIZES = {"H": 2, "D": 4}
AWKWARD = [{"H": 3, "D": 5}, {"H": 1, "D": 1}]


def forward(inputs, parameters, H, D):
    y = c = np.zeros((inputs["i"].shape[0], H, D))
    out = np.empty_like(inputs["i"])
    for t in range(out.shape[1]):
        i, f, z, o = (inputs[gate][:, t] + parameters[f"b_{gate}"]
                      + np.einsum("hdj,bhj->bhd", parameters[f"R_{gate}"], y) for gate in "ifzo")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
        y = out[:, t] = sigmoid(o) * np.tanh(c)
    return [out]


def goldens(load):
    yield cell_golden(load, "slstm_lstmvariant_init", "yc")
