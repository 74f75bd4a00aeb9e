"""VSSD's non-causal mixer (catalog B, 3): KV = sum_j B_j (dt_j exp(A_log) x_j);
y_i = C_i KV + D x_i; one group."""
import numpy as np

from harness import softplus

SIZES = {"H": 3, "P": 2, "N": 4}
AWKWARD = [{"H": 2, "P": 5, "N": 9}]
CAUSAL = False


def parameters(rng, H, P, N):
    return {"A_log": rng.normal(0, 1, H), "dt_bias": rng.normal(-2, 1, H),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, P, N):
    return {"x": rng.normal(0, 1, (B, L, H * P)), "raw": rng.normal(0, 1, (B, L, H)),
            "B": rng.normal(0, 1, (B, L, N)), "C": rng.normal(0, 1, (B, L, N))}


def forward(inputs, parameters, H, P, N):
    p, x = parameters, inputs
    weight = softplus(x["raw"] + p["dt_bias"]) * np.exp(p["A_log"])
    heads = x["x"].reshape(*weight.shape, P)
    KV = np.einsum("bln,blh,blhp->bhpn", x["B"], weight, heads)
    y = np.einsum("bln,bhpn->blhp", x["C"], KV) + p["D"][:, None] * heads
    return [y.reshape(x["x"].shape)]
