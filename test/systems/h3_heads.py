"""H3, heads of dimension P (catalog A, CORE-9, H3): kv[i,j] = k'[h P + i] v[h P + j],
y[j] = sum_i q[h P + i] (K * kv + D kv)[i, j] with one kernel per head; the output's
channels are (j h)."""
import numpy as np

from harness import Golden
from harness.lti import bilinear, causal, diagonal_kernel, pair, planar

SIZES = {"H": 2, "P": 2, "N": 3, "W": 4}
AWKWARD = [{"H": 3, "P": 5, "N": 2, "W": 2}]


def parameters(rng, H, P, N, W):
    D = H * P
    p = {"shift": rng.uniform(-1, 1, (D, W)) * W**-0.5, "shift_D": rng.normal(0, 1, D),
         "log_dt": rng.uniform(np.log(1e-3), np.log(0.1), H),
         "log_A_real": np.full((H, N), np.log(0.5)),
         "A_im": np.tile(np.pi * np.arange(N), (H, 1)),
         **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
         "D": rng.normal(0, 1, H)}
    for name in ("q_proj", "k_proj", "v_proj", "output_linear"):
        p[f"{name}.weight"] = rng.normal(0, D**-0.5, (D, D))
        p[f"{name}.bias"] = rng.normal(0, 0.1, D)
    return p


def inputs(rng, B, L, H, P, **sizes):
    return {"u": rng.normal(0, 1, (B, L, H * P))}


def forward(inputs, parameters, H, P, N, W):
    p, u = parameters, inputs["u"]
    B, L, _ = u.shape

    def linear(name, x):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    q, k, v = (linear(f"{name}_proj", u) for name in "qkv")
    key = causal(p["shift"][:, ::-1], k) + p["shift_D"] * k
    q, key, v = (x.reshape(B, L, H, P) for x in (q, key, v))
    a = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    decay, gain = bilinear(a, np.exp(p["log_dt"])[:, None])
    kernel = 2 * diagonal_kernel(pair(p, "C") * gain, decay, L).real
    y = np.zeros((B, L, P, H))
    for i in range(P):
        for j in range(P):
            kv = key[..., i] * v[..., j]
            y[:, :, j] += q[..., i] * (causal(kernel, kv) + p["D"] * kv)
    return [linear("output_linear", y.reshape(B, L, P * H))]


def goldens(load):
    d = load("h3_diag_hd2")
    B, C = d["p.ssm_k_kernel.kernel.B"], d["p.ssm_k_kernel.kernel.C"][0]
    W = B.shape[1]
    taps = np.stack([(C[:, t:] * B[:, :W - t]).sum(-1) for t in range(W)], axis=1)  # CORE-9
    weight = d["p.kernel.kernel.C"][0] @ [1, 1j] * (d["p.kernel.kernel.B"] @ [1, 1j])
    H, N = weight.shape
    parameters = {"shift": taps[:, ::-1], "shift_D": d["p.ssm_k_D"],
                  "log_dt": d["p.kernel.kernel.log_dt"],
                  "log_A_real": d["p.kernel.kernel.inv_A_real"],
                  "A_im": d["p.kernel.kernel.A_imag"], **planar("C", weight), "D": d["p.D"]}
    parameters.update({key[2:]: value for key, value in d.items()
                       if key.startswith("p.") and ("_proj" in key or "output" in key)})
    yield Golden("h3_diag_hd2", {"H": H, "P": len(B) // H, "N": N, "W": W}, {"u": d["u"]},
                 parameters, [d["y"]])
