"""FlashFFTConv, gated and partial (catalog A, 2.2 FlashFFTConv): y = x1 (k * (u x2))
with k of K taps."""
from harness.lti import causal

SIZES = {"H": 6, "K": 70}
AWKWARD = [{"H": 16, "K": 8}]


def parameters(rng, H, K):
    return {"kernel": rng.normal(0, K**-0.5, (H, K))}


def inputs(rng, B, L, H, K):
    return {name: rng.normal(0, 1, (B, L, H)) for name in ("u", "x1", "x2")}


def forward(inputs, parameters, H, K):
    return [inputs["x1"] * causal(parameters["kernel"], inputs["u"] * inputs["x2"])]
