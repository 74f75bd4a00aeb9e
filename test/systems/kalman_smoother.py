"""The Kalman smoother (catalog C, "Core KF"): the filter, then Rauch, Tung and Striebel's
recursion backwards.
"""
import numpy as np

from kalman_filter import AWKWARD, SIZES, inputs, parameters  # noqa: F401

CAUSAL = False


def forward(inputs, parameters, N):
    y, u = inputs.values()
    F, Q, H, R = (parameters[name] for name in ("F", "Q", "H", "R"))
    B, L = y.shape
    m, P = np.zeros((B, N)), np.zeros((N, N))
    before, after = [], []
    for t in range(L):
        m, P = m @ F.T + u[:, t], F @ P @ F.T + Q
        before.append((m, P))
        K = P @ H / (H @ P @ H + R[0])
        m, P = m + (y[:, t] - m @ H)[:, None] * K, P - np.outer(K, H @ P)
        after.append((m, P))
    means, covariances = np.empty((B, L, N)), np.empty((B, L, N, N))
    for t in reversed(range(L)):
        m, P = after[t]
        if t + 1 < L:
            E = np.linalg.solve(before[t + 1][1], F @ P).T
            m = m + (means[:, t + 1] - before[t + 1][0]) @ E.T
            P = P + E @ (covariances[0, t + 1] - before[t + 1][1]) @ E.T
        means[:, t], covariances[:, t] = m, P
    return [means, covariances]
