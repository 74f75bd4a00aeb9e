"""DSS, softmax form (catalog A, DSS): K[l] = Re sum_n W (e^z - 1) conj(x) /
(|x|^2 + 1e-7) e^{z l} with x = a (e^{zL} - 1), z = dt a. Plain Re, all poles
stored. L is 13 whatever the length of the sequence."""
import numpy as np

from harness import Golden
from harness.lti import causal, diagonal_kernel, impulse, pair, planar

PERIOD = 13
SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 9, "N": 8}]


def parameters(rng, H, N):
    return {"log_dt": rng.uniform(np.log(1e-2), np.log(0.1), H),
            "log_A_real": np.full((H, N), np.log(0.5)),
            "A_im": np.tile(np.pi * np.arange(N), (H, 1)),
            **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    a = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    z = np.exp(p["log_dt"])[:, None] * a
    x = a * (np.exp(PERIOD * z) - 1)
    weight = pair(p, "C") * (np.exp(z) - 1) * x.conj() / (np.abs(x)**2 + 1e-7)
    return [causal(diagonal_kernel(weight, np.exp(z), u.shape[1]).real, u) + p["D"] * u]


def goldens(load):
    d = load("s4_kernel_dss")
    H, N = d["p.A_real"].shape
    C = (d["p.C"][..., 0] + 1j * d["p.C"][..., 1])[0]
    C = C * (d["p.B"][..., 0] + 1j * d["p.B"][..., 1])[0]
    K = d["K"][0]
    yield Golden("s4_kernel_dss", {"H": H, "N": N}, {"u": impulse(*K.shape)},
                 {"log_dt": d["p.inv_dt"][:, 0], "log_A_real": d["p.A_real"], "A_im": -d["p.A_imag"],
                  **planar("C", C), "D": np.zeros(H)}, [K.T[None]])
