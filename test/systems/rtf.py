"""RTF (catalog A, 2.3 RTF): K = irfft(rfft([0, b]) / rfft([1, a]) + h0), y = K * u,
over 64 nodes, of which K taps are kept."""
import numpy as np

from harness.lti import causal

NODES = 64
SIZES = {"D": 4, "A": 2, "S": 3, "K": 64}
AWKWARD = [{"D": 6, "A": 3, "S": 20, "K": 51}]


def parameters(rng, D, A, S, K):
    return {"a": rng.normal(0, 0.3 / S, (A, S)), "b": rng.normal(0, 0.3, (D, S)),
            "h_0": rng.normal(0, 1, D)}


def inputs(rng, B, L, D, A, S, K):
    return {"u": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, A, S, K):
    p = parameters
    a, b = np.zeros((2, D, NODES))
    a[:, 0] = 1
    a[:, 1:S + 1] = np.repeat(p["a"], D // A, axis=0)
    b[:, 1:S + 1] = p["b"]
    spectrum = np.fft.rfft(b) / np.fft.rfft(a) + p["h_0"][:, None]
    return [causal(np.fft.irfft(spectrum, NODES)[:, :K], inputs["u"])]
