"""mLSTM, stabilized (catalog C, Core ML), in its parallel form:
D_ij = F_i - F_j + i_j, m_i = max(F_i, max_j D_ij), S_ij = <q_i, k_j> e^{D_ij - m_i},
h_i = sum_j S_ij v_j / (max(|sum_j S_ij|, e^{-m_i}) + 1e-6). The step form starts
with m = 0, hence the F_i under the maximum.
"""
import numpy as np

from harness import softplus, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]
# The sum that outputs are divided by nearly cancels in one of the vectors.
TOLERANCE = 5e-5


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V),
            "i": rng.normal(0, 2, (B, L, H)),
            "f": rng.normal(3, 2, (B, L, H))}


def forward(inputs, parameters, H, K, V):
    q, k, v, i, f = (x.swapaxes(1, 2) for x in inputs.values())
    F = np.cumsum(-softplus(-f), -1)
    D = np.where(np.tri(v.shape[2]), F[..., :, None] - F[..., None, :] + i[..., None, :], -np.inf)
    m = np.maximum(F, D.max(-1, initial=-np.inf))
    scores = (q @ k.swapaxes(2, 3)) * np.exp(D - m[..., None])
    weight = np.maximum(np.abs(scores.sum(-1)), np.exp(-m)) + 1e-6
    return [(scores @ v / weight[..., None]).swapaxes(1, 2)]


def goldens(load):
    for file in ("mlstm_rec", "mlstm_rec_init", "mlstm_chunk", "mlstm_chunk_init"):
        yield from vectors.mlstm(load, file)
    for file in ("mlstm_parallel_native", "mlstm_parallel_stablef", "mlstm_xlstm_parallel"):
        yield from vectors.mlstm_parallel(load, file)
    yield from vectors.mlstm_xlstm(load, "mlstm_xlstm_chunk_init", 1.0)
    # That step form has K^{-1/2} in its states, on k.
    yield from vectors.mlstm_xlstm(load, "mlstm_xlstm_rec_init", 5**0.5)
