"""The Kalman filter with one observation per step (catalog C, "Core KF", step form),
from m_0 = 0 and P_0 = 0. cost is -2 loglik - log(2 pi) of each step.
"""
import numpy as np

SIZES = {"N": 3}
AWKWARD = [{"N": 5}, {"N": 1}]


def parameters(rng, N):
    root = rng.normal(0, 1, (N, N))
    F = rng.normal(0, 1, (N, N))
    return {"F": 0.9 * F / np.abs(np.linalg.eigvals(F)).max(),
            "Q": root @ root.T / N + 0.1 * np.eye(N), "H": rng.normal(0, 1, N),
            "R": rng.uniform(0.5, 1, 1)}


def inputs(rng, B, L, N):
    return {"y": rng.normal(0, 2, (B, L)), "u": rng.normal(0, 0.3, (B, L, N))}


def forward(inputs, parameters, N):
    y, u = inputs.values()
    F, Q, H, R = (parameters[name] for name in ("F", "Q", "H", "R"))
    B, L = y.shape
    m, P = np.zeros((B, N)), np.zeros((N, N))
    means, covariances, cost = np.empty((B, L, N)), np.empty((B, L, N, N)), np.empty((B, L))
    for t in range(L):
        m, P = m @ F.T + u[:, t], F @ P @ F.T + Q
        S = H @ P @ H + R[0]
        K = P @ H / S
        e = y[:, t] - m @ H
        m, P = m + e[:, None] * K, P - S * np.outer(K, K)
        means[:, t], covariances[:, t] = m, P
        cost[:, t] = e**2 / S + np.log(S)
    return [means, covariances, cost]
