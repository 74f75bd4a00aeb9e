"""Simple GLA (catalog C, Core SD): S_t = e^{g_t} S_{t-1} + k_t v_t^T, o_t = S_t^T q_t,
in its parallel form O = (Q K^T * e^{G_i - G_j}) V; nothing crosses a reset.
"""
import numpy as np

from harness import starts, vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]
PACKED = {"reset": starts}


def inputs(rng, B, L, H, K, V):
    return {**vectors.qkv(rng, B, L, H, K, V),
            "g": -rng.exponential(0.3, (B, L, H)),
            "reset": (rng.random((B, L)) < 0.05).astype(float)}


def forward(inputs, parameters, H, K, V):
    q, k, v, g, reset = inputs.values()
    G = np.cumsum(g, 1).swapaxes(1, 2)
    lag = G[..., :, None] - G[..., None, :]
    segment = np.cumsum(reset, 1)
    within = np.tri(v.shape[1]) * (segment[:, :, None] == segment[:, None])
    decay = np.exp(np.where(within[:, None], lag, -np.inf))
    return [np.einsum("bihk,bjhk,bhij,bjhv->bihv", q, k, decay, v, optimize=True)]


def goldens(load):
    for file in ("simple_gla_rec", "simple_gla_par", "simple_gla_chunk"):
        yield from vectors.matrix_state(load, file, {"q": "q", "k": "k", "v": "v", "g": "g"},
                                        reset=True)
