"""The smoother of Rauch, Tung and Striebel (catalog C, "Core KF") over filtered means and
covariances:
  m^s_t = m_t + E (m^s_{t+1} - m'),  P^s_t = P_t + E (P^s_{t+1} - P') E^T,  E = P_t F^T P'^-1
with m' = F m_t + u_{t+1}, P' = F P_t F^T + Q.
"""
import numpy as np

SIZES = {"N": 3}
AWKWARD = [{"N": 5}, {"N": 1}]
CAUSAL = False


def parameters(rng, N):
    F, root = rng.normal(0, 1, (2, N, N))
    return {"F": 0.9 * F / np.abs(np.linalg.eigvals(F)).max(),
            "Q": root @ root.T / N + 0.2 * np.eye(N)}


def inputs(rng, B, L, N):
    root = rng.normal(0, 0.5, (B, L, N, N))
    return {"m": rng.normal(0, 1, (B, L, N)),
            "P": root @ root.swapaxes(2, 3) + 0.1 * np.eye(N),
            "u": rng.normal(0, 0.3, (B, L, N))}


def forward(inputs, parameters, N):
    m, P, u = inputs.values()
    F, Q = parameters["F"], parameters["Q"]
    means, covariances = m.copy(), P.copy()
    for t in reversed(range(m.shape[1] - 1)):
        prior = F @ P[:, t] @ F.T + Q
        E = P[:, t] @ F.T @ np.linalg.inv(prior)
        ahead = means[:, t + 1] - m[:, t] @ F.T - u[:, t + 1]
        means[:, t] += np.einsum("bij,bj->bi", E, ahead)
        covariances[:, t] += E @ (covariances[:, t + 1] - prior) @ E.swapaxes(1, 2)
    return [means, covariances]
