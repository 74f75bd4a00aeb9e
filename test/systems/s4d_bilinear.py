"""S4D, bilinear (catalog A, CORE-1, CORE-3, S4D), by its kernel."""
import numpy as np

from harness import Golden
from harness.lti import bilinear, causal, diagonal_kernel, impulse, pair, planar

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 17, "N": 4}, {"H": 1, "N": 1}]


def parameters(rng, H, N):
    return {"log_dt": rng.uniform(np.log(1e-3), np.log(0.1), H),
            "log_A_real": np.full((H, N), np.log(0.5)),
            "A_im": np.tile(np.pi * np.arange(N), (H, 1)),
            **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    a = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    decay, gain = bilinear(a, np.exp(p["log_dt"])[:, None])
    kernel = 2 * diagonal_kernel(pair(p, "C") * gain, decay, u.shape[1]).real
    return [causal(kernel, u) + p["D"] * u]


def goldens(load):
    """Two read-outs of one system."""
    d = load("s4_kernel_s4d_bilinear_lin")
    H, N = d["p.A_real"].shape
    for channel in range(2):
        C = (d["p.C"][..., 0] + 1j * d["p.C"][..., 1])[channel]
        C = C * (d["p.B"][..., 0] + 1j * d["p.B"][..., 1])[0]
        K = d["K"][channel]
        yield Golden("s4_kernel_s4d_bilinear_lin", {"H": H, "N": N}, {"u": impulse(*K.shape)},
                     {"log_dt": d["p.inv_dt"][:, 0], "log_A_real": d["p.A_real"],
                      "A_im": -d["p.A_imag"], **planar("C", C), "D": np.zeros(H)}, [K.T[None]])
