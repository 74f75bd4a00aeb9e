"""Bidirectional S4D block (catalog A, CORE-3, CORE-5 (E), CORE-10): y[t] = sum_{s<=t}
k0[t-s] u[s] + sum_{s>t} k1[s-t-1] u[s] + D u[t], GELU, linear layer, gate; one A."""
import numpy as np

import s4d_zoh
from harness import Golden, sigmoid
from harness.lti import anticausal, causal, diagonal_kernel, gelu, pair, planar, zoh

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 9, "N": 5}]
CAUSAL = False

inputs = s4d_zoh.inputs


def parameters(rng, H, N):
    C = rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))
    return {**s4d_zoh.parameters(rng, H, N), **planar("C_back", C)}


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    a = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    decay, gain = zoh(a, np.exp(p["log_dt"])[:, None])
    k0, k1 = (2 * diagonal_kernel(pair(p, name) * gain, decay, u.shape[1]).real
              for name in ("C", "C_back"))
    later = np.concatenate([u[:, 1:], np.zeros_like(u[:, :1])], axis=1)[:, :u.shape[1]]
    y = causal(k0, u) + anticausal(k1, later) + p["D"] * u
    halves = gelu(y) @ p["output_linear.weight"].T + p["output_linear.bias"]
    return [halves[..., :H] * sigmoid(halves[..., H:])]


def goldens(load):
    d = load("s4_block_diag_bidirectional")
    layer = {key.replace("p.layer.kernel.", "p."): value for key, value in d.items()}
    sizes, parameters = s4d_zoh.official(layer)
    layer["p.C"] = layer["p.C"][1:]
    _, back = s4d_zoh.official(layer)
    parameters.update({"C_back_re": back["C_re"], "C_back_im": back["C_im"],
                       "D": d["p.layer.D"][0],
                       "output_linear.weight": d["p.output_linear.0.weight"],
                       "output_linear.bias": d["p.output_linear.0.bias"]})
    yield Golden("s4_block_diag_bidirectional", sizes, {"u": d["u"]}, parameters, [d["y"]])
