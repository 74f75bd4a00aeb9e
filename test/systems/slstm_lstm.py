"""The LSTM variant of sLSTM's cell (catalog C, "sLSTM (xLSTM)", layouts): an LSTM with
a recurrent matrix per head and gate.
"""
import numpy as np

from harness import sigmoid
from slstm import cell_golden, gates, inputs, parameters  # noqa: F401

SIZES = {"H": 2, "D": 4}
AWKWARD = [{"H": 3, "D": 5}, {"H": 1, "D": 1}]


def forward(inputs, parameters, H, D):
    x = inputs["x"]
    y = c = np.zeros((x.shape[0], H, D))
    out = np.empty((*x.shape[:3], D))
    for t in range(x.shape[1]):
        i, f, z, o = gates(x[:, t], y, parameters)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
        y = out[:, t] = sigmoid(o) * np.tanh(c)
    return [out]


def goldens(load):
    yield cell_golden(load, "slstm_lstmvariant_init", ("hidden", "cell"))
