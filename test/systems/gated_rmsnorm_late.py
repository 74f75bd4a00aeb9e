"""The gated RMS norm (catalog B, 1.5), gate first: RMS_g(x silu(z)) w + b."""
from gated_rmsnorm import (AWKWARD, CAUSAL, SIZES, golden, grouped, inputs,  # noqa: F401
                           parameters)
from harness import silu


def forward(inputs, parameters, D, G):
    gated = inputs["x"] * silu(inputs["z"])
    return [grouped(gated, G) * parameters["weight"] + parameters["bias"]]


def goldens(load):
    for field in ("out_gNone_nbg0", "out_g4_nbg0", "out_g6_nbg0"):
        yield golden(load, field)
