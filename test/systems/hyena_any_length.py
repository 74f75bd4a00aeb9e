"""Hyena of order 2 (catalog A, 2.2 Hyena) for sequences of any length: features
slope l + size cos(turn l + phase), decay exp(rate l)."""
import numpy as np

import hyena
from harness import Golden

CAUSAL = False
SIZES = {"D": 4, "E": 5, "F": 6, "W": 3}
AWKWARD = [{"D": 6, "E": 3, "F": 5, "W": 2}]
LENGTH = 130  # that positions are normalized by


def by_step(p, E, K):
    """Tables over K positions as functions of the position."""
    bands = (E - 1) // 2
    f = np.linspace(1e-4, bands - 1, bands) if bands > 1 else np.array([1e-4])
    turn = 2 * np.pi * f / K
    zero = np.zeros(bands)
    return {"slope": np.concatenate([[1 / (K - 1)], zero, zero])[:, None],
            "size": np.concatenate([[0], zero + 1, zero + 1]),
            "turn": np.concatenate([[0], turn, turn])[:, None],
            "phase": np.concatenate([[0], zero, zero + np.pi / 2]),
            "rates": p["rates"][:, None] / (K - 1)}


def replaced(p, E, K):
    kept = {key: value for key, value in p.items() if key not in ("z", "t")}
    return {**kept, **by_step(p, E, K)}


def parameters(rng, D, E, F, W):
    return replaced(hyena.parameters(rng, D, E, F, LENGTH, W), E, LENGTH)


def inputs(rng, B, L, D, **sizes):
    return {"u": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, E, F, W):
    p, u = parameters, inputs["u"]
    n = np.arange(u.shape[1])
    z = n[:, None] * p["slope"].T + p["size"] * np.cos(n[:, None] * p["turn"].T + p["phase"])
    k = hyena.kernel(z, n, {**p, "rates": p["rates"][:, 0]})
    return [hyena.mix(u, k, p)]


def goldens(load):
    d = load("hyena_order2")
    p = replaced(hyena.golden_parameters(d), 5, 13)
    sizes = {"D": 4, "E": 5, "F": 6, "W": 3}
    yield Golden("hyena_order2", sizes, {"u": d["u"]}, p, [d["y"]])
    yield Golden("hyena_order2, short", sizes, {"u": d["u"][:, :9]}, p, [d["y_short"]])
