"""mLSTM with sigmoid input gate, not normalized (catalog C, Core ML, "siging"):
C_t = sigmoid(f_t) C_{t-1} + sigmoid(i_t) k_t v_t^T, h_t = C_t^T q_t.
"""
import numpy as np

from harness import sigmoid, vectors
from mlstm_siging import AWKWARD, SIZES, inputs  # noqa: F401


def forward(inputs, parameters, H, K, V):
    q, k, v, i, f = inputs.values()
    S = np.zeros((*v[:, 0].shape[:2], K, V))
    o = np.empty_like(v)
    for t in range(v.shape[1]):
        S = sigmoid(f[:, t])[..., None, None] * S \
            + sigmoid(i[:, t])[..., None, None] * np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        o[:, t] = np.einsum("bhkv,bhk->bhv", S, q[:, t])
    return [o]


def goldens(load):
    yield from vectors.mlstm_parallel(load, "mlstm_siging_parallel_nonorm")
