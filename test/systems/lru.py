"""LRU (catalog A, 2.1 LRU; Orvieto et al., Resurrecting Recurrent Neural
Networks for Long Sequences, 2023).

lambda = exp(-exp(nu_log) + i exp(theta_log)); x[t] = lambda x[t-1]
+ exp(gamma_log) B u[t]; y[t] = Re(C x[t]) + D u[t]. No factor 2.
"""
import numpy as np

from harness import Golden

SIZES = {"N": 4, "D": 3}
AWKWARD = [{"N": 13, "D": 5}, {"N": 1, "D": 1}]


def parameters(rng, N, D):
    radius = np.sqrt(rng.uniform(0.3**2, 0.999**2, N))
    return {"nu_log": np.log(-np.log(radius)),
            "theta_log": np.log(rng.uniform(0, np.pi, N)),
            "gamma_log": np.log(np.sqrt(1 - radius**2)),
            "B_re": rng.normal(0, (2 * D)**-0.5, (N, D)),
            "B_im": rng.normal(0, (2 * D)**-0.5, (N, D)),
            "C_re": rng.normal(0, N**-0.5, (D, N)),
            "C_im": rng.normal(0, N**-0.5, (D, N)),
            "D": rng.normal(0, 1, D)}


def inputs(rng, B, L, N, D):
    return {"u": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, N, D):
    p, u = parameters, inputs["u"]
    decay = np.exp(-np.exp(p["nu_log"]) + 1j * np.exp(p["theta_log"]))
    b = (p["B_re"] + 1j * p["B_im"]) * np.exp(p["gamma_log"])[:, None]
    c = p["C_re"] + 1j * p["C_im"]
    x = np.zeros((u.shape[0], N), complex)
    y = np.empty_like(u)
    for t in range(u.shape[1]):
        x = decay * x + u[:, t] @ b.T
        y[:, t] = (x @ c.T).real + p["D"] * u[:, t]
    return [y]


def goldens(load):
    d = load("lru")
    parameters = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    yield Golden("lru", {"N": 6, "D": 4}, {"u": d["u"][None]}, parameters, [d["y"][None]])
