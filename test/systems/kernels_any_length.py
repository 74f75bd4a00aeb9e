"""Kernels K[l] = c^T A^l b of dense and companion systems, and of S4's bilinear step
of diag(w) - p p*, read out as Re(c x) over both halves of the pairs (catalog A, CORE-1,
CORE-4, LSSL, SpaceTime)."""
import numpy as np

from harness.lti import causal, dense_bilinear

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 5, "N": 4}, {"H": 1, "N": 1}]
CAUSAL = False


def parameters(rng, H, N):
    D = 2 * H
    A = rng.normal(0, 1, (D, N, N))
    A *= 0.9 / np.linalg.norm(A, 2, axis=(1, 2))[:, None, None]
    a = rng.normal(0, 1, (H, N))
    a *= 0.9 / np.abs(a).sum(1, keepdims=True)
    return {"A": A, "a": a, **{name: rng.normal(0, 1, (D, N)) for name in ("b", "c")},
            "b2": rng.normal(0, 1, (H, N)),
            "dt": rng.uniform(0.01, 0.1, D), "w_re": -rng.uniform(0.3, 1, (D, N)),
            "w_im": rng.normal(0, 5, (D, N)), "p_re": rng.normal(0, 1, (D, 1, N)),
            "p_im": rng.normal(0, 1, (D, 1, N))}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, 2 * H))}


def powers(A, b, c, length):
    taps = np.empty(length)
    for l in range(length):
        taps[l] = (c @ b).real
        b = A @ b
    return taps


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    L, systems = u.shape[1], range(2 * H)

    def companion(h):
        A = np.eye(N, k=-1)
        A[:, -1] = p["a"][h // 2]
        return powers(A, p["b2"][h // 2], p["c"][h], L)

    def s4(h):
        def full(half):
            return np.concatenate([half, half.conj()])
        b, c = p["b"][h] + 1j * p["c"][h], p["c"][h] + 1j * p["b"][h]
        P = full(p["p_re"][h, 0] + 1j * p["p_im"][h, 0])
        A = np.diag(full(p["w_re"][h] + 1j * p["w_im"][h])) - np.outer(P, P.conj())
        A, B = dense_bilinear(A, full(b), p["dt"][h])
        return powers(A, B, full(c), L)

    kernels = [[powers(p["A"][h], p["b"][h], p["c"][h], L) for h in systems],
               [companion(h) for h in systems],
               [s4(h) for h in systems]]
    return [causal(np.array(kernel), u) for kernel in kernels]
