"""Elman's network (catalog C, section 2, "RNN / LSTM / GRU"):
h_t = tanh(W x_t + b + U h_{t-1} + c).
"""
import numpy as np

from harness import rnn

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 13}, {"D": 1, "H": 1}]


def parameters(rng, D, H):
    return rnn.weights(rng, 1, D, H)


def inputs(rng, B, L, D, H):
    return {"x": rng.normal(0, 1, (B, L, D))}


def step(a, u, states):
    return (np.tanh(a + u),)


def forward(inputs, parameters, D, H):
    start = [np.zeros((inputs["x"].shape[0], H))]
    return [rnn.run(step, inputs["x"], start, parameters)]


def goldens(load):
    yield rnn.golden(load, "nn_rnn", {"h": "hidden"})
