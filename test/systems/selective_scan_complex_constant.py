"""Complex selective scans with constant B, C or both (catalog B, 1.1):
h[t] = exp(dt A) h[t-1] + dt B u[t], y = 2 Re(sum C h)."""
import numpy as np

from harness import Golden, silu, softplus
from harness.lti import pair, planar
from harness.selective import selective_scan, time_second

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 9, "N": 7}, {"D": 1, "N": 1}]


def parameters(rng, D, N):
    def drawn():
        return rng.normal(0, 1, (D, N)) + 1j * rng.normal(0, 1, (D, N))

    A = drawn()
    return {**planar("A", -abs(A.real) + 3j * A.imag), **planar("B", drawn()),
            **planar("C", drawn())}


def inputs(rng, B, L, D, N):
    return {"u": rng.normal(0, 1, (B, L, D)), "delta": rng.uniform(0.01, 0.3, (B, L, D)),
            "M_re": rng.normal(0, 1, (B, L, N)), "M_im": rng.normal(0, 1, (B, L, N))}


def forward(inputs, parameters, D, N):
    A, B, C = (pair(parameters, name) for name in "ABC")
    M = pair(inputs, "M")
    return [selective_scan(inputs["u"], inputs["delta"], A, b, c, use_softplus=False)
            for b, c in ((B, C), (B, M), (M, C))]


def goldens(load):
    """Both constant; the vector's options are taken off its result."""
    d = load("selective_scan_complex_const")
    u, z = time_second(d["u"]), time_second(d["z"])
    variable = np.zeros((*u.shape[:2], d["A"].shape[1]))
    yield Golden("selective_scan_complex_const", {"D": 6, "N": 4},
                 {"u": u, "delta": softplus(time_second(d["delta"]) + d["delta_bias"]),
                  **planar("M", variable + 0j)},
                 {**planar("A", d["A"]), **planar("B", d["B"]), **planar("C", d["C"])},
                 [time_second(d["out"]) / silu(z) - d["D"] * u, None, None])
