"""GRU, reset after the product (catalog C, section 2, "RNN / LSTM / GRU"): with
a = W x_t + b and u = U h_{t-1} + c, each in the order r, z, n,
r, z = sigmoid(a + u), n = tanh(a_n + r u_n), h <- (1 - z) n + z h.
"""
import numpy as np

from harness import rnn, sigmoid

SIZES = {"D": 3, "H": 4}
AWKWARD = [{"D": 5, "H": 13}, {"D": 1, "H": 1}]


def parameters(rng, D, H):
    return rnn.weights(rng, 3, D, H)


def inputs(rng, B, L, D, H):
    return {"x": rng.normal(0, 1, (B, L, D))}


def step(a, u, states):
    (a_r, a_z, a_n), (u_r, u_z, u_n) = np.split(a, 3, axis=-1), np.split(u, 3, axis=-1)
    r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
    return ((1 - z) * np.tanh(a_n + r * u_n) + z * states[0],)


def forward(inputs, parameters, D, H):
    start = [np.zeros((inputs["x"].shape[0], H))]
    return [rnn.run(step, inputs["x"], start, parameters)]


def goldens(load):
    yield rnn.golden(load, "nn_gru", {"h": "hidden"})
