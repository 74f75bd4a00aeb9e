"""mLSTM with sigmoid input gate, normalized (catalog C, Core ML, "siging"):
h_i = sum_j S_ij v_j / (max(|sum_j S_ij|, 1) + 1e-6) with
S_ij = <q_i, k_j> exp(F_i - F_j) sigmoid(i_j), F the sums of log sigmoid(f).
"""
import numpy as np

from harness import sigmoid, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V),
            "i": rng.normal(0, 2, (B, L, H)),
            "f": rng.normal(3, 2, (B, L, H))}


def forward(inputs, parameters, H, K, V):
    q, k, v, i, f = (x.swapaxes(1, 2) for x in inputs.values())
    F = np.cumsum(np.log(sigmoid(f)), -1)
    lag = np.where(np.tri(v.shape[2]), F[..., :, None] - F[..., None, :], -np.inf)
    scores = (q @ k.swapaxes(2, 3)) * np.exp(lag) * sigmoid(i)[..., None, :]
    weight = np.maximum(np.abs(scores.sum(-1)), 1) + 1e-6
    return [(scores @ v / weight[..., None]).swapaxes(1, 2)]


def goldens(load):
    yield from vectors.mlstm_parallel(load, "mlstm_siging_parallel")
