"""SpaceTime (catalog A, 2.3 SpaceTime), by the kernel K[l] = c A^l b of the
companion matrix whose last column is a / |a|_1; y = K * u + D u."""
import numpy as np

from harness import Golden
from harness.lti import causal, impulse

SIZES = {"K": 2, "R": 2, "N": 3}
AWKWARD = [{"K": 3, "R": 5, "N": 8}, {"K": 1, "R": 1, "N": 1}]


def constants(N):
    return {"down": np.eye(N, k=-1), "last": np.eye(N)[-1]}


def parameters(rng, K, R, N):
    return {**{name: rng.normal(0, 1, (K, N)) for name in "abc"},
            "skip": rng.normal(0, 1, K * R), **constants(N)}


def inputs(rng, B, L, K, R, N):
    return {"u": rng.normal(0, 1, (B, L, K * R))}


def kernel(a, b, c, length):
    A = np.eye(len(a), k=-1)
    A[:, -1] += a / np.abs(a).sum()
    taps = np.empty(length)
    for l in range(length):
        taps[l] = c @ b
        b = A @ b
    return taps


def forward(inputs, parameters, K, R, N):
    p, u = parameters, inputs["u"]
    taps = np.array([kernel(*abc, u.shape[1]) for abc in zip(p["a"], p["b"], p["c"])])
    return [causal(np.repeat(taps, R, axis=0), u) + p["skip"] * u]


def goldens(load):
    K = [0.8, 0.095, -0.2425, 0.01025, 0.096875, -0.0031375]
    yield Golden("catalog A, SpaceTime", {"K": 1, "R": 1, "N": 3}, {"u": impulse(1, 6)},
                 {"a": np.array([[.2, -.3, .5]]), "b": np.array([[1, 0, -.5]]),
                  "c": np.array([[.7, .1, -.2]]), "skip": np.zeros(1), **constants(3)},
                 [np.array(K)[None, :, None]])
    d = load("spacetime_companion")
    yield Golden("spacetime_companion", {"K": 2, "R": 2, "N": 5}, {"u": d["u"]},
                 {**{name: d[f"p.{name}"] for name in ("a", "b", "c", "skip")}, **constants(5)},
                 [d["y"]])
