"""Mamba-3 SISO (catalog B, 2, step form). Keys and queries are normed; bias, then
rotation of the interleaved pairs (2i, 2i+1), i < S."""
import numpy as np

from harness import Golden, sigmoid, silu

SIZES = {"H": 3, "P": 5, "N": 8, "S": 2}
AWKWARD = [{"H": 2, "P": 2, "N": 4, "S": 2}, {"H": 1, "P": 3, "N": 6, "S": 1}]


def rotation(N, S):
    """Constants of the pairing: weights of the module, unused here."""
    turn, pairs = np.zeros((N, N)), np.zeros((N, S))
    for i in range(S):
        turn[2 * i, 2 * i + 1], turn[2 * i + 1, 2 * i] = -1, 1
        pairs[2 * i:2 * i + 2, i] = 1
    return {"turn": turn, "pairs": pairs}


def parameters(rng, H, P, N, S):
    return {"Q_bias": rng.normal(1, 0.1, (H, N)), "K_bias": rng.normal(1, 0.1, (H, N)),
            "D": rng.normal(0, 1, H), **rotation(N, S)}


def inputs(rng, B, L, H, P, N, S):
    dt = np.exp(rng.uniform(np.log(1e-3), np.log(0.3), (B, L, H)))
    return {"Q": rng.normal(0, 1, (B, L, N)), "K": rng.normal(0, 1, (B, L, N)),
            "V": rng.normal(0, 1, (B, L, H, P)), "Z": rng.normal(0, 1, (B, L, H, P)),
            "ADT": -dt * rng.uniform(0.1, 4, (B, L, H)), "DT": dt,
            "trap": rng.normal(0, 1, (B, L, H)), "angles": rng.normal(0, 1, (B, L, H, S))}


def rotate(x, angle):
    """x [..., N] by angle [..., S]."""
    y = x.copy()
    for i in range(angle.shape[-1]):
        even, odd = x[..., 2 * i], x[..., 2 * i + 1]
        cos, sin = np.cos(angle[..., i]), np.sin(angle[..., i])
        y[..., 2 * i], y[..., 2 * i + 1] = cos * even - sin * odd, sin * even + cos * odd
    return y


def forward(inputs, parameters, H, P, N, S):
    p, x = parameters, inputs
    B, L = x["Q"].shape[:2]
    angle, state = np.zeros((B, H, S)), np.zeros((B, H, P, N))
    k_old, v_old = np.zeros((B, H, N)), np.zeros((B, H, P))
    y = np.empty((B, L, H, P))
    for t in range(L):
        dt, v = x["DT"][:, t], x["V"][:, t]
        angle = angle + np.pi * np.tanh(x["angles"][:, t]) * dt[..., None]
        q = rotate(x["Q"][:, t, None] + p["Q_bias"], angle)
        k = rotate(x["K"][:, t, None] + p["K_bias"], angle)
        decay, trap = np.exp(x["ADT"][:, t]), sigmoid(x["trap"][:, t])

        def outer(weight, v, k):
            return weight[..., None, None] * v[..., None] * k[..., None, :]

        state = (decay[..., None, None] * state + outer((1 - trap) * dt * decay, v_old, k_old)
                 + outer(trap * dt, v, k))
        read = (state * q[..., None, :]).sum(-1) + p["D"][:, None] * v
        y[:, t] = read * silu(x["Z"][:, t])
        k_old, v_old = k, v
    return [y]


def goldens(load):
    d = load("mamba3_siso")
    inputs = {"Q": d["Q"][:, :, 0], "K": d["K"][:, :, 0], "V": d["V"], "Z": d["Z"],
              **{ours: np.moveaxis(d[theirs], -1, 1)
                 for ours, theirs in [("ADT", "ADT"), ("DT", "DT"), ("trap", "Trap")]},
              "angles": d["Angles"]}
    parameters = {name: d[name] for name in ("Q_bias", "K_bias", "D")}
    parameters.update(rotation(8, 2))
    yield Golden("mamba3_siso", SIZES, inputs, parameters, [d["out_step"]])
    names = ["op0.angle", "op0.recurrent", "op0.key", "op0.value"]
    # The vector's angles are reduced modulo a turn, ours are not.
    final = {name: d[f"final_step_init_{i}"] for i, name in enumerate(names) if i}
    yield Golden("mamba3_siso", SIZES, inputs, parameters, [d["out_step_init"]],
                 {name: d[f"init_{i}"] for i, name in enumerate(names)}, final)
