"""STU (catalog A, 2.3 STU): Z_ij = 2 / ((i+j)^3 - (i+j)); X[t, k] = sigma_k^(1/4)
sum phi_k(t-s) u_s; delta_t = M_phi X[t-2] + sum M_u[i] u[t-i]; y[t] = M_y[1] y[t-1]
+ M_y[2] y[t-2] + delta_t. K = 3 filters; the module has them delayed and scaled."""
import numpy as np

from harness.lti import causal

SIZES = {"D": 2, "K": 66}
AWKWARD = [{"D": 5, "K": 132}]


def filters(L):
    i = np.arange(1, L + 1)
    s = i[:, None] + i
    sigma, phi = np.linalg.eigh(2 / (s**3 - s))
    return np.maximum(sigma[-3:], 0)**0.25, phi[:, -3:].T


def parameters(rng, D, K):
    sigma, phi = filters(K - 2)
    p = {f"filter.{k}": np.concatenate([[0, 0], sigma[k] * phi[k]])[None] for k in range(3)}
    for name, count, scale in [("M_phi", 3, 1), ("M_u", 3, 1), ("M_y", 2, 0.3)]:
        for i in range(count):
            p[f"{name}.{i}"] = scale * rng.normal(0, D**-0.5, (D, D))
    return p


def inputs(rng, B, L, D, K):
    return {"u": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, K):
    p, u = parameters, inputs["u"]
    delta = np.zeros_like(u)
    for k in range(3):
        # The module's filter without its delay, then the delay of X by two.
        X = causal(np.tile(p[f"filter.{k}"][:, 2:], (D, 1)), u)
        delta[:, 2:] += X[:, :-2] @ p[f"M_phi.{k}"].T
        delta[:, k:] += u[:, :u.shape[1] - k] @ p[f"M_u.{k}"].T
    y = np.zeros_like(u)
    for t in range(u.shape[1]):
        y[:, t] = delta[:, t]
        for j in (1, 2):
            if t >= j:
                y[:, t] += y[:, t - j] @ p[f"M_y.{j - 1}"].T
    return [y]
