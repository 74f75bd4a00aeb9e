"""The mixer of GSS (catalog A, 2.2 GSS): u = LN(x); y = K * u + D u with
K = Re sum C (e^L - 1)/L e^{L l}."""
import numpy as np

from harness import Golden, layer_norm
from harness.lti import causal, diagonal_kernel, zoh

SIZES = {"H": 4, "N": 3}
AWKWARD = [{"H": 11, "N": 8}]


def parameters(rng, H, N):
    return {"norm.weight": rng.normal(1, 0.1, H), "norm.bias": rng.normal(0, 0.1, H),
            "Lambda_real": rng.normal(0, 1, N), "Lambda_imag": rng.normal(0, 1, N),
            "C_real": rng.normal(0, 1, (H, N)), "C_imag": rng.normal(0, 1, (H, N)),
            "param_D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, N):
    return {"x": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N):
    p = parameters
    u = layer_norm(inputs["x"], p["norm.weight"], p["norm.bias"])
    decay, gain = zoh(-np.exp(p["Lambda_real"]) + 1j * np.exp(p["Lambda_imag"]), 1.0)
    weight = (p["C_real"] + 1j * p["C_imag"]) * gain
    kernel = diagonal_kernel(weight, np.broadcast_to(decay, (H, N)), u.shape[1]).real
    return [causal(kernel, u) + p["param_D"] * u]


def goldens(load):
    d = load("gss_dss")
    H, N = d["p.C_real"].shape
    yield Golden("gss_dss", {"H": H, "N": N}, {"x": d["u"]},
                 {key[2:]: value for key, value in d.items() if key.startswith("p.")}, [d["y"]])
