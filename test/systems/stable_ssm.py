"""StableSSM (catalog A, StableSSM): S4D, zero-order hold, with the map
Re a = -1 / (w^2 + 0.1); 0.1 is the nearest float32."""
import numpy as np

from harness.lti import causal, diagonal_kernel, pair, planar, zoh

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 9, "N": 8}]


def parameters(rng, H, N):
    return {"log_dt": rng.uniform(np.log(1e-3), np.log(0.1), H),
            "w": rng.normal(1.4, 0.5, (H, N)), "A_im": rng.normal(0, 5, (H, N)),
            **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    a = -1 / (p["w"]**2 + float(np.float32(0.1))) + 1j * p["A_im"]
    decay, gain = zoh(a, np.exp(p["log_dt"])[:, None])
    kernel = 2 * diagonal_kernel(pair(p, "C") * gain, decay, u.shape[1]).real
    return [causal(kernel, u) + p["D"] * u]
