"""Viterbi's algorithm (catalog C, "Core HMM"): max-plus forward, then the path backwards
through the argmax of each step.
"""
import numpy as np

SIZES = {"K": 3}  # the module is written for three states
CAUSAL = False


def parameters(rng, K):
    return {"log_pi": np.log(rng.dirichlet(np.ones(K))),
            "log_A": np.log(rng.dirichlet(np.ones(K), K))}


def inputs(rng, B, L, K):
    return {"log_b": rng.normal(0, 1, (B, L, K))}


def forward(inputs, parameters, K):
    log_b, log_A = inputs["log_b"], parameters["log_A"]
    B, L = log_b.shape[:2]
    delta, back = np.empty_like(log_b), np.zeros((B, L, K), int)
    for t in range(L):
        prior = parameters["log_pi"]
        if t:
            through = delta[:, t - 1, :, None] + log_A
            back[:, t], prior = through.argmax(1), through.max(1)
        delta[:, t] = prior + log_b[:, t]
    path = np.zeros((B, L), int)
    for t in reversed(range(L)):
        path[:, t] = (delta[:, t].argmax(1) if t == L - 1 else
                      back[np.arange(B), t + 1, path[:, t + 1]])
    return [delta, np.eye(K)[path]]
