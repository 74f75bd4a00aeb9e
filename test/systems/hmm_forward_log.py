"""The forward algorithm in log space (catalog C, "Core HMM"), from the probabilities:
alpha_t = (alpha_{t-1} A) b_t with sums of products, divided by their sum at each step,
whose logarithms add up to log Z_t. Some transitions cannot happen.
"""
import numpy as np

from harness import starts

SIZES = {"K": 3}
AWKWARD = [{"K": 13}, {"K": 1}]
PACKED = {"start": starts}


def parameters(rng, K):
    A = rng.dirichlet(np.ones(K), K) * (rng.uniform(0, 1, (K, K)) < 0.7) + 0.2 * np.eye(K)
    with np.errstate(divide="ignore"):
        return {"log_pi": np.log(rng.dirichlet(np.ones(K))), "log_A": np.log(A)}


def inputs(rng, B, L, K):
    return {"log_b": rng.normal(-1, 2, (B, L, K)), "start": np.zeros((B, L))}


def forward(inputs, parameters, K):
    b, start = np.exp(inputs["log_b"]), inputs["start"]
    pi, A = np.exp(parameters["log_pi"]), np.exp(parameters["log_A"])
    result = np.empty_like(b)
    for row, flags, out in zip(b, start, result):
        for t in range(len(row)):
            begins = t == 0 or flags[t] != 0
            alpha = pi * row[t] if begins else (alpha @ A) * row[t]
            log_Z = np.log(alpha.sum()) + (0 if begins else log_Z)
            alpha = alpha / alpha.sum()
            out[t] = np.log(alpha) + log_Z
    return [result]
