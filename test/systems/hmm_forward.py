"""The forward algorithm (catalog C, "Core HMM"), in its log form:
log alpha_t(j) = logsumexp_i(log alpha_{t-1}(i) + log A_ij) + log b_t(j), not normalized;
from it the filtered distribution and log Z_t.
"""
import numpy as np

SIZES = {"K": 3}
AWKWARD = [{"K": 13}, {"K": 2}]


def parameters(rng, K):
    return {"pi": rng.dirichlet(np.ones(K)), "A": rng.dirichlet(np.ones(K), K)}


def inputs(rng, B, L, K):
    return {"b": np.exp(rng.normal(-3, 2, (B, L, K)))}


def forward(inputs, parameters, K):
    log_b = np.log(inputs["b"])
    log_A = np.log(parameters["A"])
    alpha = np.empty_like(log_b)
    for t in range(log_b.shape[1]):
        prior = (np.log(parameters["pi"]) if t == 0 else
                 np.logaddexp.reduce(alpha[:, t - 1, :, None] + log_A, axis=1))
        alpha[:, t] = prior + log_b[:, t]
    log_Z = np.logaddexp.reduce(alpha, axis=2)
    return [np.exp(alpha - log_Z[..., None]), log_Z]
