"""RG-LRU (catalog C, 3.B "recurrent_gemma"): i, r = sigmoid of block-diagonal products,
log a = -8 r softplus(lambda), h_t = a h_{t-1} + sqrt(1 - a^2) i x; position 0 resets.
"""
import numpy as np

from harness import Golden, positions, sigmoid, softplus

SIZES = {"H": 3, "D": 4}
AWKWARD = [{"H": 1, "D": 7}, {"H": 5, "D": 1}]
PACKED = {"position": positions}


def parameters(rng, H, D):
    u = rng.uniform(0.9**2, 0.999**2, (H, D))
    return {"lambda": np.log(np.expm1(-0.5 * np.log(u))),
            **{f"w_{gate}": rng.normal(0, D**-0.5, (H, D, D)) for gate in "ir"},
            **{f"b_{gate}": rng.normal(0, 1, (H, D)) for gate in "ir"}}


def inputs(rng, B, L, H, D):
    return {"x": rng.normal(0, 1, (B, L, H, D)),
            "position": np.tile(np.arange(L, dtype=float), (B, 1))}


def forward(inputs, parameters, H, D):
    x, position, p = inputs["x"], inputs["position"], parameters
    i, r = (sigmoid(np.einsum("blhd,hdj->blhj", x, p[f"w_{gate}"]) + p[f"b_{gate}"])
            for gate in "ir")
    a = np.exp(-8 * r * softplus(p["lambda"]))
    a[position == 0] = 0
    h = np.zeros((x.shape[0], H, D))
    y = np.empty_like(x)
    for t in range(x.shape[1]):
        h = y[:, t] = a[:, t] * h + np.sqrt(1 - a[:, t]**2) * i[:, t] * x[:, t]
    return [y]


def goldens(load):
    for file in ("rglru", "rglru_init", "rglru_init_reset"):
        d = load(file)
        inputs = {"x": d["activations"].reshape(2, 13, 3, 4),
                  "position": d["position_ids"].astype(float)}
        weights = {"lambda": d["recurrent_param"].reshape(3, 4),
                   "w_i": d["input_gate_weight"], "w_r": d["recurrent_gate_weight"],
                   "b_i": d["input_gate_bias"], "b_r": d["recurrent_gate_bias"]}
        initial = {"op0.h": d["recurrent_states"].reshape(2, 3, 4)} if "init" in file else {}
        final = {"op0.h": d["out_final_state"].reshape(2, 3, 4)} if "init" in file else {}
        yield Golden(file, SIZES, inputs, weights, [d["out_o"].reshape(2, 13, 3, 4)],
                     initial, final)
