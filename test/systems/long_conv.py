"""Long convolution (catalog A, 2.2 Long convs): kernel sign(k) max(|k| - lambda, 0),
y = glu(W gelu(k * u + D u) + b)."""
import numpy as np

from harness import Golden, sigmoid
from harness.lti import causal, gelu

LAMBDA = float(np.float32(1e-3))  # as a constant of the module
SIZES = {"H": 6, "K": 90}
AWKWARD = [{"H": 3, "K": 2}, {"H": 17, "K": 33}]


def parameters(rng, H, K):
    return {"kernel": rng.normal(0, 0.1, (H, K)), "D": rng.normal(0, 1, H),
            "output_linear.0.weight": rng.normal(0, H**-0.5, (2 * H, H)),
            "output_linear.0.bias": rng.normal(0, 0.1, 2 * H)}


def inputs(rng, B, L, H, K):
    return {"u": rng.normal(0, 1, (B, L, H))}


def squash(k):
    return np.sign(k) * np.maximum(np.abs(k) - LAMBDA, 0)


def block(y, p):
    """GELU, linear layer and gate."""
    g = gelu(y) @ p["output_linear.0.weight"].T + p["output_linear.0.bias"]
    value, gate = np.split(g, 2, axis=-1)
    return value * sigmoid(gate)


def forward(inputs, parameters, H, K):
    p, u = parameters, inputs["u"]
    return [block(causal(squash(p["kernel"]), u) + p["D"] * u, p)]


def goldens(load):
    d = load("long_conv")
    p = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    p["kernel"], p["D"] = p.pop("kernel.kernel")[0], p["D"][0]
    yield Golden("long_conv", {"H": 4, "K": 13}, {"u": d["u"]}, p, [d["y"]],
                 tolerance=1e-9)  # its lambda is 1e-3 in float64
