"""An implicit SSM of one layer without norms, sequential mode (catalog C, "Implicit
SSM"): z_t = F(z_t; x_t) with the state before the step frozen; here by Newton's method
on z - F(z) with a difference Jacobian, polished by plain iterations.
"""
import numpy as np

from harness import softplus

SIZES = {"M": 3, "D": 4}
AWKWARD = [{"M": 5, "D": 13}, {"M": 1, "D": 1}]


def parameters(rng, M, D):
    weights = {name: rng.normal(0, M**-0.5, (D, M)) for name in ("U_d", "U_p")}
    # F contracts: its Jacobian is about O (d W_p + d' (p - h) W_d).
    weights.update({name: rng.normal(0, 0.3 * M**-0.5, (D, M)) for name in ("W_d", "W_p")})
    return {**weights, "O": rng.normal(0, 0.3 * D**-0.5, (M, D))}


def inputs(rng, B, L, M, D):
    return {"x": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, D):
    x, p = inputs["x"], parameters
    old = np.zeros((x.shape[0], D))
    y = np.empty_like(x)
    for t in range(x.shape[1]):
        def state(z):
            d = softplus(z @ p["W_d"].T + x[:, t] @ p["U_d"].T)
            return np.exp(-d) * old + d * (z @ p["W_p"].T + x[:, t] @ p["U_p"].T)

        def residual(z):
            return state(z) @ p["O"].T - z

        z = np.zeros((x.shape[0], M))
        for _ in range(4):
            step = 1e-6
            J = np.stack([(residual(z + step * e) - residual(z - step * e)) / (2 * step)
                          for e in np.eye(M)], -1)
            z = z - np.linalg.solve(J, residual(z)[..., None])[..., 0]
        for _ in range(20):
            z = z + residual(z)
        y[:, t], old = z, state(z)
    return [y]
