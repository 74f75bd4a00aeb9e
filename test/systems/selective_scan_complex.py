"""Complex selective scan (catalog B, 1.1): dt = softplus(delta + bias),
h[t] = exp(dt A) h[t-1] + dt B u[t], y = (2 Re(sum C h) + D u) silu(z)."""
import numpy as np

from harness import Golden
from harness.selective import selective_scan, time_second

SIZES = {"D": 4, "N": 3, "G": 2}
AWKWARD = [{"D": 15, "N": 5, "G": 3}, {"D": 2, "N": 1, "G": 1}]


def parameters(rng, D, N, G):
    return {"A_re": -np.exp(rng.normal(0, 1, (D, N))), "A_im": rng.normal(0, 3, (D, N)),
            "D": rng.normal(0, 1, D), "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N, G):
    x = {"u": rng.normal(0, 1, (B, L, D)), "delta": rng.normal(0, 1, (B, L, D))}
    for name in ("B_re", "B_im", "C_re", "C_im"):
        x[name] = rng.normal(0, 1, (B, L, G, N))
    return {**x, "z": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, N, G):
    p, x = parameters, inputs
    return [selective_scan(x["u"], x["delta"], p["A_re"] + 1j * p["A_im"],
                           x["B_re"] + 1j * x["B_im"], x["C_re"] + 1j * x["C_im"], p["D"],
                           x["z"], p["bias"])]


def goldens(load):
    """Constant B and C, and one group, are cases of groups. The vector without
    gate and skip gets one that is 1: silu(z) = 1 at z = 1.278..."""
    one = 1.2784645427610738
    for file in ("var", "grouped3", "const"):
        d = load(f"selective_scan_complex_{file}")
        u = time_second(d["u"])
        batch, length, D = u.shape
        N = d["A"].shape[1]

        def grouped(x):
            if x.ndim == 2:
                return np.broadcast_to(x, (batch, length, D, N))
            x = x if x.ndim == 4 else x[:, None]
            pairs = x.reshape(*x.shape[:3], length, 2)
            return np.moveaxis(pairs[..., 0] + 1j * pairs[..., 1], -1, 1)

        b, c = grouped(d["B"]), grouped(d["C"])
        inputs = {"u": u, "delta": time_second(d["delta"]), "B_re": b.real, "B_im": b.imag,
                  "C_re": c.real, "C_im": c.imag,
                  "z": time_second(d["z"]) if "z" in d else np.full(u.shape, one)}
        parameters = {"A_re": d["A"].real, "A_im": d["A"].imag, "D": d.get("D", np.zeros(D)),
                      "bias": d.get("delta_bias", np.zeros(D))}
        yield Golden(f"selective_scan_complex_{file}", {"D": D, "N": N, "G": b.shape[2]}, inputs,
                     parameters, [time_second(d["out"])])
