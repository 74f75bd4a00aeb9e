"""The gates of Gated DeltaNet and KDA (catalog C, 1.B "Gated DeltaNet", "KDA"):
-e^{A_log} softplus(g + dt_bias) per head and per key, and the lower-bound form
-5 sigmoid(e^{A_log} (g + dt_bias)), with and without A_log.
"""
import numpy as np

from harness import Golden, sigmoid, softplus

SIZES = {"H": 2, "K": 4}
AWKWARD = [{"H": 3, "K": 5}, {"H": 1, "K": 1}]
CAUSAL = False  # it is, but there is no state that calls could carry


def parameters(rng, H, K):
    return {"A_log": np.log(rng.uniform(1, 16, H)), "dt_bias_scalar": rng.normal(0, 1, H),
            "dt_bias": rng.normal(0, 1, (H, K))}


def inputs(rng, B, L, H, K):
    return {"g_scalar": rng.normal(0, 1, (B, L, H)), "g": rng.normal(0, 1, (B, L, H, K))}


def forward(inputs, parameters, H, K):
    A = np.exp(parameters["A_log"])
    x = inputs["g"] + parameters["dt_bias"]
    return [-A * softplus(inputs["g_scalar"] + parameters["dt_bias_scalar"]),
            -A[:, None] * softplus(x), -5 * sigmoid(A[:, None] * x), -5 * sigmoid(x)]


def goldens(load):
    d = load("gates_kda_gdn")
    inputs = {name: d[name] for name in ("g_scalar", "g")}
    weights = {name: d[name] for name in ("A_log", "dt_bias_scalar")}
    weights["dt_bias"] = d["dt_bias"].reshape(3, 5)
    outputs = [d[f"out_{name}"] for name in ("gdn", "kda", "kda_lowerbound",
                                              "kda_lowerbound_noA")]
    yield Golden("gates_kda_gdn", {"H": 3, "K": 5}, inputs, weights, outputs)
