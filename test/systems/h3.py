"""H3, head dimension 1 (catalog A, CORE-3, CORE-9, H3): k' = shift * k + D_k k;
y = (K * (k' v) + D k' v) q with K = 2 Re sum C b a^l, bilinear; out = W_o y."""
import numpy as np

from harness import Golden
from harness.lti import bilinear, causal, diagonal_kernel, pair, planar

SIZES = {"H": 2, "N": 3, "W": 4}
AWKWARD = [{"H": 11, "N": 4, "W": 7}]


def parameters(rng, H, N, W):
    p = {"shift": rng.uniform(-1, 1, (H, W)) * W**-0.5, "shift_D": rng.normal(0, 1, H),
         "log_dt": rng.uniform(np.log(1e-3), np.log(0.1), H),
         "log_A_real": np.full((H, N), np.log(0.5)),
         "A_im": np.tile(np.pi * np.arange(N), (H, 1)),
         **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
         "D": rng.normal(0, 1, H)}
    for name in ("q_proj", "k_proj", "v_proj", "output_linear"):
        p[f"{name}.weight"] = rng.normal(0, H**-0.5, (H, H))
        p[f"{name}.bias"] = rng.normal(0, 0.1, H)
    return p


def inputs(rng, B, L, H, **sizes):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N, W):
    p, u = parameters, inputs["u"]

    def linear(name, x):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    q, k, v = (linear(f"{name}_proj", u) for name in "qkv")
    kv = (causal(p["shift"][:, ::-1], k) + p["shift_D"] * k) * v
    a = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    decay, gain = bilinear(a, np.exp(p["log_dt"])[:, None])
    kernel = 2 * diagonal_kernel(pair(p, "C") * gain, decay, u.shape[1]).real
    return [linear("output_linear", (causal(kernel, kv) + p["D"] * kv) * q)]


def official(d):
    """Of either vector; C has one row per head."""
    B, C = d["p.ssm_k_kernel.kernel.B"], d["p.ssm_k_kernel.kernel.C"][0]
    W = B.shape[1]
    taps = np.stack([(C[:, t:] * B[:, :W - t]).sum(-1) for t in range(W)], axis=1)  # CORE-9
    weight = d["p.kernel.kernel.C"][0] @ [1, 1j] * (d["p.kernel.kernel.B"] @ [1, 1j])
    parameters = {"shift": taps[:, ::-1], "shift_D": d["p.ssm_k_D"],
                  "log_dt": d["p.kernel.kernel.log_dt"],
                  "log_A_real": d["p.kernel.kernel.inv_A_real"],
                  "A_im": d["p.kernel.kernel.A_imag"], **planar("C", weight), "D": d["p.D"]}
    parameters.update({key[2:]: value for key, value in d.items()
                       if key.startswith("p.") and ("_proj" in key or "output" in key)})
    return parameters


def goldens(load):
    d = load("h3_diag_hd1")
    parameters = official(d)
    (H, N), W = parameters["A_im"].shape, parameters["shift"].shape[1]
    for name in ("y", "y_step"):
        yield Golden(f"h3_diag_hd1 {name}", {"H": H, "N": N, "W": W}, {"u": d["u"]}, parameters,
                     [d[name]])
