"""LSTM (catalog C, section 2, "RNN / LSTM / GRU"): gates i, f, o through sigmoid and g
through tanh of W x_t + b + U h_{t-1} + c; c_t = f c_{t-1} + i g, h_t = o tanh(c_t).
"""
import numpy as np

from harness import rnn, sigmoid

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 13}, {"D": 1, "H": 1}]


def parameters(rng, D, H):
    return rnn.weights(rng, 4, D, H)


def inputs(rng, B, L, D, H):
    return {"x": rng.normal(0, 1, (B, L, D))}


def step(a, u, states):
    i, f, g, o = np.split(a + u, 4, axis=-1)
    c = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def forward(inputs, parameters, D, H):
    start = [np.zeros((inputs["x"].shape[0], H))] * 2
    return [rnn.run(step, inputs["x"], start, parameters)]


def goldens(load):
    yield rnn.golden(load, "nn_lstm", {"h": "hidden", "c": "cell"})
