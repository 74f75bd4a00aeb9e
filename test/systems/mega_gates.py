"""MEGA's layer around its attention, with prenorm, and its FFN (catalog A, 2.2 MEGA).
Results: the layer's, then z and v, of which the attention makes h."""
import numpy as np

from harness import layer_norm, sigmoid, silu
from harness.lti import causal
from mega_ema import parameters as ema_parameters

SIZES = {"D": 4, "N": 2, "Z": 3, "E": 5, "F": 7}
AWKWARD = [{"D": 17, "N": 3, "Z": 2, "E": 19, "F": 33}]


def parameters(rng, D, N, Z, E, F):
    ema = ema_parameters(rng, D, N)
    rate = sigmoid(ema["delta"])

    def linear(name, rows, columns):
        return {f"{name}.weight": rng.normal(0, columns**-0.5, (rows, columns)),
                f"{name}.bias": rng.normal(0, 0.1, rows)}

    def norm(name):
        return {f"{name}.weight": rng.normal(1, 0.1, D), f"{name}.bias": rng.normal(0, 0.1, D)}

    return {"q": 1 - rate * sigmoid(ema["alpha"]), "in": rate * ema["beta"],
            "out": ema["gamma"] * ema["scale"], "omega": ema["omega"],
            **linear("v", E, D), **linear("mx", 2 * D + Z + E, D), **linear("h", D, E),
            **linear("fc1", F, D), **linear("fc2", D, F), **norm("norm"), **norm("ffn")}


def inputs(rng, B, L, D, E, **sizes):
    return {"x": rng.normal(0, 1, (B, L, D)), "h": rng.normal(0, 1, (B, L, E))}


def forward(inputs, parameters, D, N, Z, E, F):
    p, x, h = parameters, inputs["x"], inputs["h"]

    def linear(name, x):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    xn = layer_norm(x, p["norm.weight"], p["norm.bias"])
    taps = (p["in"] * p["out"])[..., None] * p["q"][..., None]**np.arange(x.shape[1])
    m = silu(causal(taps.sum(1), xn) + p["omega"] * xn)
    u, zr, hx = np.split(linear("mx", m), [D, D + Z + E], -1)
    z, r = np.split(silu(zr), [Z], -1)
    y = x + sigmoid(u) * (silu(hx + linear("h", h * r)) - x)
    ffn = linear("fc2", silu(linear("fc1", layer_norm(y, p["ffn.weight"], p["ffn.bias"]))))
    return [y + ffn, z, silu(linear("v", xn))]
