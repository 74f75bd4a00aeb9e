"""RTF by steps (catalog A, 2.3 RTF), by the kernels of the companion matrix with
first row -a: c A^(l-1) e_1 with lag 0 read by h0, and b A^l e_1 (RTF2)."""
import numpy as np

from harness import Golden
from harness.lti import causal

SIZES = {"A": 2, "R": 2, "N": 3}
AWKWARD = [{"A": 3, "R": 5, "N": 7}, {"A": 1, "R": 1, "N": 1}]


def constants(N):
    return {"down": np.eye(N, k=-1), "first": np.eye(N)[0]}


def companion(a):
    A = np.eye(len(a), k=-1)
    A[0] -= a
    return A


def parameters(rng, A, R, N):
    return {"a": rng.uniform(-1, 1, (A, N)) / (N + 1), "b": rng.normal(0, 1, (A * R, N)),
            "c": rng.normal(0, 1, (A * R, N)), "h_0": rng.normal(0, 1, A * R), **constants(N)}


def inputs(rng, B, L, A, R, N):
    return {"u": rng.normal(0, 1, (B, L, A * R))}


def forward(inputs, parameters, A, R, N):
    p, u = parameters, inputs["u"]
    before, after = np.zeros((A * R, u.shape[1])), np.zeros((A * R, u.shape[1]))
    for h in range(A * R):
        x = np.eye(N)[0]
        for l in range(u.shape[1]):
            after[h, l] = p["b"][h] @ x
            before[h, l + 1:l + 2] = p["c"][h] @ x
            x = companion(p["a"][h // R]) @ x
    return [causal(before, u) + p["h_0"] * u, causal(after, u) + p["h_0"] * u]


def goldens(load):
    """Steps of the official class RTF, whose c is (I - A^L)^-1 b, untransposed; and
    of RTF2, whose stored b is the read-out after the step."""
    for name in ("rtf_L12", "rtf_L13", "rtf2_L12", "rtf2_L13"):
        d = load(name)
        a, b = d["p.ab"][:2], d["p.ab"][2:]
        L = d["u"].shape[1]
        c = [np.linalg.solve(np.eye(3) - np.linalg.matrix_power(companion(a[h // 2]), L), b[h])
             for h in range(4)]
        outputs = [None, d["y_step"]] if "rtf2" in name else [d["y_step"], None]
        yield Golden(name, {"A": 2, "R": 2, "N": 3}, {"u": d["u"]},
                     {"a": a, "b": b, "c": np.array(c), "h_0": d["p.h_0"], **constants(3)},
                     outputs)
