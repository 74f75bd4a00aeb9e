"""SpaceTime's closed loop (catalog A, 2.3 SpaceTime). While `open`: x = A x + b u,
read after it. Then y = c x, u_next = k x, x = (A + b k^T) x. In the loop b and k
sum to one in absolute value, as c always does; b while open and k in u_next do
not."""
import numpy as np

from harness import Golden
from spacetime import constants

SIZES = {"D": 3, "N": 5}
AWKWARD = [{"D": 7, "N": 2}]


def parameters(rng, D, N):
    # A small feedback keeps the loop from growing.
    return {"a": rng.normal(0, 1, (D, N)), "b": rng.normal(0, 1, (D, N)),
            "c": rng.normal(0, 1, (D, N)), "k": rng.normal(0, 1, (D, N)), **constants(N)}


def inputs(rng, B, L, D, N):
    flags = np.zeros((B, L))
    flags[:, :23] = 1
    flags[:, 70:80] = 1
    return {"u": rng.normal(0, 1, (B, L, D)), "open": flags}


def forward(inputs, parameters, D, N):
    p, u = parameters, inputs["u"]
    unit = {name: p[name] / np.abs(p[name]).sum(-1, keepdims=True) for name in "abck"}
    A = np.tile(np.eye(N, k=-1), (D, 1, 1))
    A[:, :, -1] += unit["a"]
    x = np.zeros((len(u), D, N))
    y, u_next = np.empty_like(u), np.empty_like(u)
    for t in range(u.shape[1]):
        is_open = inputs["open"][:, t, None, None] != 0
        loop = np.einsum("bdn,dn->bd", x, unit["k"])[..., None] * unit["b"]
        after = np.einsum("dnm,bdm->bdn", A, x) + np.where(is_open, u[:, t, :, None] * p["b"],
                                                           loop)
        read = np.where(is_open, after, x)
        y[:, t], u_next[:, t] = (read * unit["c"]).sum(-1), (read * p["k"]).sum(-1)
        x = after
    return [y, u_next]


def goldens(load):
    """13 inputs, then 7 steps of its own."""
    d = load("spacetime_closed_loop")
    parameters = {**{name: d[f"p.{name}"] for name in "abck"}, **constants(5)}
    batch, lag, D = d["u"].shape
    horizon = d["y"].shape[1]
    inputs = {"u": np.concatenate([d["u"], np.zeros((batch, horizon, D))], axis=1),
              "open": np.tile(np.repeat([1.0, 0.0], [lag, horizon]), (batch, 1))}
    own = forward(inputs, parameters, D, 5)
    expected = [np.concatenate([mine[:, :lag], d[name]], axis=1)
                for mine, name in zip(own, ("y", "u_next"))]
    yield Golden("spacetime_closed_loop", {"D": D, "N": 5}, inputs, parameters, expected)
