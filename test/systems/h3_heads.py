"""H3 with heads of P channels (catalog A, H3, P > 1): kv[i, j, h] = k'[h, i] v[h, j],
y[h, j] = sum_i q[h, i] (K * kv + D kv)[i, j, h], K one kernel per head; channels of all
projections head first."""
import numpy as np

import h3
from harness import Golden
from harness.lti import bilinear, causal, diagonal_kernel, pair, planar

SIZES = {"H": 2, "P": 2, "N": 3, "W": 4}
AWKWARD = [{"H": 1, "P": 5, "N": 4, "W": 7}]


def of_heads(p):
    """The poles' decays and weights, bilinear, in place of continuous parameters."""
    A = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    decay, gain = bilinear(A, np.exp(p["log_dt"])[:, None])
    kept = {name: value for name, value in p.items()
            if not name.startswith(("log_", "A_", "C_"))}
    return {**kept, **planar("decay", decay), **planar("weight", 2 * pair(p, "C") * gain)}


def parameters(rng, H, P, N, W):
    p = of_heads(h3.parameters(rng, H * P, N, W))
    per_head = ("decay_re", "decay_im", "weight_re", "weight_im", "D")
    return {**p, **{name: p[name][:H] for name in per_head}}


def inputs(rng, B, L, H, P, **sizes):
    return {"u": rng.normal(0, 1, (B, L, H * P))}


def forward(inputs, parameters, H, P, N, W):
    p, u = parameters, inputs["u"]

    def linear(name, x):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    q, k, v = (linear(f"{name}_proj", u) for name in "qkv")
    k = causal(p["shift"][:, ::-1], k) + p["shift_D"] * k
    q, k, v = (x.reshape(*u.shape[:2], H, P) for x in (q, k, v))
    kernel = diagonal_kernel(pair(p, "weight"), pair(p, "decay"), u.shape[1]).real
    kv = np.einsum("blhi,blhj->blijh", k, v)
    flat = kv.reshape(*u.shape[:2], P * P * H)
    read = causal(np.tile(kernel, (P * P, 1)), flat).reshape(kv.shape) + p["D"] * kv
    y = np.einsum("blhi,blijh->blhj", q, read).reshape(u.shape)
    return [linear("output_linear", y)]


def goldens(load):
    """That code's output channels come in the order (j, h)."""
    d = load("h3_diag_hd2")
    p = of_heads(h3.official(d))
    p["output_linear.weight"] = p["output_linear.weight"].reshape(4, 2, 2).swapaxes(1, 2)
    p["output_linear.weight"] = p["output_linear.weight"].reshape(4, 4)
    sizes = {"H": 2, "P": 2, "N": p["decay_im"].shape[1], "W": p["shift"].shape[1]}
    yield Golden("h3_diag_hd2", sizes, {"u": d["u"]}, p, [d["y"]])
