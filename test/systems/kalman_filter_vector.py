"""The Kalman filter with several observations per step (catalog C, "Core KF"), from
m_0 = 0 and P_0 = 0, in Joseph's form of the update: P = (I - KH) P' (I - KH)^T + K R K^T.
"""
import numpy as np

SIZES = {"N": 3, "M": 2}
AWKWARD = [{"N": 5, "M": 4}, {"N": 2, "M": 1}]


def parameters(rng, N, M):
    def covariance(size):
        root = rng.normal(0, 1, (size, size))
        return root @ root.T / size + 0.2 * np.eye(size)
    F = rng.normal(0, 1, (N, N))
    return {"F": 0.9 * F / np.abs(np.linalg.eigvals(F)).max(), "Q": covariance(N),
            "H": rng.normal(0, 1, (M, N)), "R": covariance(M)}


def inputs(rng, B, L, N, M):
    return {"y": rng.normal(0, 2, (B, L, M)), "u": rng.normal(0, 0.3, (B, L, N))}


def forward(inputs, parameters, N, M):
    y, u = inputs.values()
    F, Q, H, R = (parameters[name] for name in ("F", "Q", "H", "R"))
    B, L = y.shape[:2]
    m, P = np.zeros((B, N)), np.zeros((N, N))
    means, covariances = np.empty((B, L, N)), np.empty((B, L, N, N))
    for t in range(L):
        m, P = m @ F.T + u[:, t], F @ P @ F.T + Q
        K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
        kept = np.eye(N) - K @ H
        m, P = m + (y[:, t] - m @ H.T) @ K.T, kept @ P @ kept.T + K @ R @ K.T
        means[:, t], covariances[:, t] = m, P
    return [means, covariances]
