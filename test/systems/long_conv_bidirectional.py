"""Bidirectional long convolution (catalog A, 2.2 Long convs; CORE-5 (E)):
y[t] = sum_{s<=t} k0[t-s] u[s] + sum_{s>t} k1[s-t-1] u[s] + D u[t]."""
import numpy as np

from harness import Golden
from harness.lti import causal
from long_conv import AWKWARD, SIZES, block, inputs, squash  # noqa: F401
from long_conv import parameters as causal_parameters

CAUSAL = False


def parameters(rng, H, K):
    return {**causal_parameters(rng, H, K), "back": rng.normal(0, 0.1, (H, K))}


def forward(inputs, parameters, H, K):
    p, u = parameters, inputs["u"]
    y = causal(squash(p["kernel"]), u) + p["D"] * u
    if u.shape[1] > 1:
        y[:, :-1] += causal(squash(p["back"]), u[:, :0:-1])[:, ::-1]
    return [block(y, p)]


def goldens(load):
    d = load("long_conv_bidir")
    p = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    p["kernel"], p["back"] = p.pop("kernel.kernel")
    p["D"] = p["D"][0]
    yield Golden("long_conv_bidir", {"H": 4, "K": 13}, {"u": d["u"]}, p, [d["y"]],
                 tolerance=1e-9)  # its lambda is 1e-3 in float64
