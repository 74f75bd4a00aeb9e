"""The FFT convolution of Hyena's code (catalog A, CORE-5): k * u + D u, its erf GELU,
and with the reversed kernel in convention (I)."""
import numpy as np

from harness import Golden
from harness.lti import anticausal, causal, gelu

SIZES = {"H": 3, "K": 40}
AWKWARD = [{"H": 17, "K": 100}]
CAUSAL = False


def parameters(rng, H, K):
    return {"k": rng.normal(0, K**-0.5, (H, K)), "k_rev": rng.normal(0, K**-0.5, (H, K)),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, K):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, K):
    p, u = parameters, inputs["u"]
    y = causal(p["k"], u) + p["D"] * u
    return [y, gelu(y), y + anticausal(p["k_rev"], u)]


def goldens(load):
    d = load("hyena_fftconv_ref")
    H, K = d["k"].shape
    yield Golden("hyena_fftconv_ref", {"H": H, "K": K}, {"u": np.moveaxis(d["u"], 1, 2)},
                 {name: d[name] for name in ("k", "k_rev", "D")},
                 [np.moveaxis(d[name], 1, 2) for name in ("out", "out_gelu", "out_krev")])
