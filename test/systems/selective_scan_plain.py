"""Selective scan without any of its options, B and C grouped (catalog B, 1.1)."""
import numpy as np

import selective_scan_grouped
from harness import Golden
from harness.selective import selective_scan, time_second
from selective_scan_grouped import AWKWARD, SIZES, update_golden  # noqa: F401


def parameters(rng, D, N, G):
    return {"A": -np.exp(rng.normal(0, 1, (D, N)))}


def inputs(rng, B, L, **sizes):
    drawn = selective_scan_grouped.inputs(rng, B, L, **sizes)
    delta = rng.exponential(0.3, drawn["u"].shape)
    return {"u": drawn["u"], "delta": delta, "B": drawn["B"], "C": drawn["C"]}


def forward(inputs, parameters, D, N, G):
    x = inputs
    return [selective_scan(x["u"], x["delta"], parameters["A"], x["B"], x["C"],
                           use_softplus=False)]


def goldens(load):
    yield update_golden(load, "selective_state_update_heads_g3_plain",
                        {"u": "x", "delta": "dt", "B": "B", "C": "C"}, {})
    d = load("selective_scan_real_var_nosoftplus")
    u, delta, B, C = (time_second(d[name]) for name in ("u", "delta", "B", "C"))
    yield Golden("selective_scan_real_var_nosoftplus", {"D": 6, "N": 4, "G": 1},
                 {"u": u, "delta": delta, "B": B[:, :, None], "C": C[:, :, None]}, {"A": d["A"]},
                 [time_second(d["out"]) - d["D"] * u])
