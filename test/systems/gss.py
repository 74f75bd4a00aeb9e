"""GSS block (catalog A, 2.2 GSS): xn = LN(x); v = gelu(xn W_v); u = gelu(xn W_u),
normed in the code; y = K * u + D u with K = Re sum C (e^L - 1)/L e^{L l}; out =
(y W_uc * v) W_o + x. Names are those of the code, whose u and v are swapped."""
import numpy as np

from harness import Golden, layer_norm
from harness.lti import causal, diagonal_kernel, gelu, zoh

SIZES = {"E": 8, "F": 16, "H": 4, "N": 3}
AWKWARD = [{"E": 6, "F": 10, "H": 5, "N": 7}]


def parameters(rng, E, F, H, N):
    return {"norm.weight": rng.normal(1, 0.1, E), "norm.bias": rng.normal(0, 0.1, E),
            "to_u.0.weight": rng.normal(0, E**-0.5, (F, E)),
            "to_v.0.weight": rng.normal(0, E**-0.5, (H, E)),
            "dss.norm.weight": rng.normal(1, 0.1, H), "dss.norm.bias": rng.normal(0, 0.1, H),
            "dss.Lambda_real": rng.normal(0, 1, N), "dss.Lambda_imag": rng.normal(0, 1, N),
            "dss.C_real": rng.normal(0, 1, (H, N)), "dss.C_imag": rng.normal(0, 1, (H, N)),
            "dss.param_D": rng.normal(0, 1, H), "to_gate.weight": rng.normal(0, H**-0.5, (F, H)),
            "to_out.weight": rng.normal(0, F**-0.5, (E, F)), "to_out.bias": rng.normal(0, 0.1, E)}


def inputs(rng, B, L, E, **sizes):
    return {"x": rng.normal(0, 1, (B, L, E))}


def forward(inputs, parameters, E, F, H, N):
    p, x = parameters, inputs["x"]
    xn = layer_norm(x, p["norm.weight"], p["norm.bias"])
    v = gelu(xn @ p["to_u.0.weight"].T)
    u = gelu(xn @ p["to_v.0.weight"].T)
    u = layer_norm(u, p["dss.norm.weight"], p["dss.norm.bias"])
    poles = -np.exp(p["dss.Lambda_real"]) + 1j * np.exp(p["dss.Lambda_imag"])
    decay, gain = zoh(poles, 1.0)
    weight = (p["dss.C_real"] + 1j * p["dss.C_imag"]) * gain
    kernel = diagonal_kernel(weight, np.broadcast_to(decay, (H, N)), x.shape[1]).real
    y = causal(kernel, u) + p["dss.param_D"] * u
    return [(y @ p["to_gate.weight"].T * v) @ p["to_out.weight"].T + p["to_out.bias"] + x]


def goldens(load):
    d = load("gss_gss")
    yield Golden("gss_gss", {"E": 6, "F": 24, "H": 4, "N": 3}, {"x": d["u"]},
                 {key[2:]: value for key, value in d.items() if key.startswith("p.")}, [d["y"]])
