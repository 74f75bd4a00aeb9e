"""RWKV-7's time mix in all layers but the first (catalog C, 1.B "RWKV-7"): decays,
learning rates, value shares and gates from low-rank maps of mixed tokens, Core DP per
head with a = -kappa and b = kappa a, a group norm, the bonus, the gate.
"""
import numpy as np

import rwkv7
from harness import Golden, layer_norm, sigmoid
from rwkv_channel_mix import before

SIZES = {"D": 12, "H": 3, "N": 4, "R": 4}
OF_VECTORS = {"D": 12, "H": 3, "N": 4, "R": 5}
AWKWARD = [{"D": 10, "H": 2, "N": 5, "R": 1}]
SHARE = ("v0", "v1", "v2")  # of the first layer's values


def parameters(rng, D, H, N, R):
    weights = {**{f"mix_{c}": rng.uniform(0, 1, D) for c in "rwkvag"},
               **{name: rng.normal(0, D**-0.5, (D, D)) for name in "RKVO"}}
    for name in "wavg":
        weights[f"{name}1"] = rng.normal(0, D**-0.5, (R, D))
        weights[f"{name}2"] = rng.normal(0, R**-0.5, (D, R))
    weights.update({f"{name}0": rng.normal(0, 1, D) for name in "wav"})
    weights.update({name: rng.normal(0.7, 0.2, (H, N)) for name in ("k_k", "k_a", "r_k")})
    return {**weights, "norm_w": rng.normal(1, 0.1, (H, N)), "norm_b": rng.normal(0, 0.1, (H, N))}


def inputs(rng, B, L, D, H, N, R):
    return {"x": rng.normal(0, 1, (B, L, D)), "v_first": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, **sizes):
    return mix(inputs["x"], inputs["v_first"], parameters, **sizes)[:1]


def mix(x, v_first, p, D, H, N, R):
    """Its output and the values, which the first layer has no `v_first` for."""
    x_c = {c: x + (before(x) - x) * p[f"mix_{c}"] for c in "rwkvag"}
    r, k, v = (x_c[c] @ p[c.upper()].T for c in "rkv")
    log_decay = -np.exp(-0.5) * sigmoid(p["w0"] + np.tanh(x_c["w"] @ p["w1"].T) @ p["w2"].T)
    a = sigmoid(p["a0"] + x_c["a"] @ p["a1"].T @ p["a2"].T)
    if v_first is not None:
        v = v + (v_first - v) * sigmoid(p["v0"] + x_c["v"] @ p["v1"].T @ p["v2"].T)
    z = sigmoid(x_c["g"] @ p["g1"].T) @ p["g2"].T
    values = v
    r, k, v, a, log_decay = (y.reshape(*x.shape[:2], H, N) for y in (r, k, v, a, log_decay))
    kappa = k * p["k_k"]
    kappa = kappa / np.maximum(np.linalg.norm(kappa, axis=-1, keepdims=True), 1e-12)
    k = k * (1 + (a - 1) * p["k_a"])
    core = {"r": r, "w": np.log(-log_decay), "k": k, "v": v, "a": -kappa, "b": kappa * a}
    o, = rwkv7.forward(core, {}, H, N, N)
    bonus = np.sum(r * k * p["r_k"], -1, keepdims=True) * v
    y = layer_norm(o, eps=64e-5) * p["norm_w"] + p["norm_b"] + bonus
    return [y.reshape(x.shape) * z @ p["O"].T, values]


def vector(d, first):
    """Inputs, weights and states of a vector of the layer."""
    weights = {name: d[f"{name.lower()}w"] for name in "RKVO"}
    for name in ("k_k", "k_a", "r_k"):
        weights[name] = d[name].reshape(3, 4)
    weights.update({f"mix_{c}": d[f"x_{c}"] for c in "rwkvag"})
    weights.update({name: d[name] for name in ("w0", "a0", "v0")})
    for name in "wavg":  # of ranks 4, 3, 2 and 5
        missing = OF_VECTORS["R"] - d[f"{name}2"].shape[0]
        weights[f"{name}1"] = np.pad(d[f"{name}1"].T, [(0, missing), (0, 0)])
        weights[f"{name}2"] = np.pad(d[f"{name}2"].T, [(0, 0), (0, missing)])
    weights.update(norm_w=d["ln_w"].reshape(3, 4), norm_b=d["ln_b"].reshape(3, 4))
    if first:
        weights = {name: array for name, array in weights.items() if name not in SHARE}
    initial = {"op0.shift_window": d["x_prev"][None, :, None],
               "op1.recurrent": d["state"][None]}
    final = {"op0.shift_window": d["x"][None, -1, :, None],
             "op1.recurrent": d["out_final_state"][None]}
    return weights, initial, final


def goldens(load):
    # The layer's code has 0.606531 for e^{-1/2}, which moves results by 3e-7;
    # entries have it in float32.
    for file, tolerance in (("rwkv7_mix_layer1_init", 1e-6), ("rwkv7_mix_numpy_init", 1e-7)):
        d = load(file)
        weights, initial, final = vector(d, first=False)
        inputs = {"x": d["x"][None], "v_first": d["v_first"][None]}
        outputs = [d["out_att"][None]]
        yield Golden(file, OF_VECTORS, inputs, weights, outputs, initial, final, tolerance)
