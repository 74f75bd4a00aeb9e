"""GateLoop (catalog C, 1.B "GateLoop"), head size one: h_t = a_t h_{t-1} + k_t v_t with
a_t = sigmoid(|z_t|) e^{i arg z_t}, y_t = q_t Re(h_t). z is never 0 here.
"""
import numpy as np

from harness import sigmoid

SIZES = {"D": 4}
AWKWARD = [{"D": 1}, {"D": 37}]


def inputs(rng, B, L, D):
    return {name: rng.normal(0, 1, (B, L, D)) for name in ("q", "k", "v", "re", "im")}


def forward(inputs, parameters, D):
    q, k, v, re, im = inputs.values()
    z = re + 1j * im
    a = sigmoid(np.abs(z)) * np.exp(1j * np.angle(z))
    h = np.zeros(q[:, 0].shape, complex)
    y = np.empty_like(q)
    for t in range(q.shape[1]):
        h = a[:, t] * h + k[:, t] * v[:, t]
        y[:, t] = q[:, t] * h.real
    return [y]
