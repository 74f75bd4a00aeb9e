"""Selective scans with constant B, C or both (catalog B, 1.1)."""
import numpy as np

from harness import Golden
from harness.selective import selective_scan, time_second

SIZES = {"D": 4, "N": 3}
AWKWARD = [{"D": 9, "N": 7}]


def parameters(rng, D, N):
    return {"A": -np.exp(rng.normal(0, 1, (D, N))), "B": rng.normal(0, 1, (D, N)),
            "C": rng.normal(0, 1, (D, N)), "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N):
    return {"u": rng.normal(0, 1, (B, L, D)), "delta": rng.uniform(0.01, 0.3, (B, L, D)),
            "B_t": rng.normal(0, 1, (B, L, N)), "C_t": rng.normal(0, 1, (B, L, N)),
            "z": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs
    u, delta = x["u"], x["delta"]
    return [selective_scan(u, delta, p["A"], p["B"], p["C"], use_softplus=False),
            selective_scan(u, delta, p["A"], p["B"], x["C_t"], bias=p["bias"]),
            selective_scan(u, delta, p["A"], x["B_t"], p["C"], z=x["z"], use_softplus=False)]


def goldens(load):
    """Each vector has one of the three; what it lacks is zero and not compared."""
    files = ["const", "mixed_constB_varC", "varB_constC"]
    for i, file in enumerate(f"selective_scan_real_{name}" for name in files):
        d = load(file)
        u = time_second(d["u"])
        batch, length, D = u.shape
        N = d["A"].shape[1]

        def constant(name):
            return d[name] if d[name].ndim == 2 else np.zeros((D, N))

        def variable(name):
            return time_second(d[name]) if d[name].ndim == 3 else np.zeros((batch, length, N))

        inputs = {"u": u, "delta": time_second(d["delta"]), "B_t": variable("B"),
                  "C_t": variable("C"), "z": time_second(d["z"]) if "z" in d else u}
        parameters = {"A": d["A"], "B": constant("B"), "C": constant("C"),
                      "bias": d.get("delta_bias", np.zeros(D))}
        outputs = [None] * 3
        outputs[i] = time_second(d["out"])
        yield Golden(file, {"D": D, "N": N}, inputs, parameters, outputs)
