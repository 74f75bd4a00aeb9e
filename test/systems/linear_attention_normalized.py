"""Linear attention with normalizer (catalog C, 1.B "Linear attention"): row t of
tril(Q K^T) V is divided by <q_t, sum_{j<=t} k_j> + 1e-10.
"""
import numpy as np

from harness import vectors

SIZES = {"H": 2, "K": 4, "V": 3}
AWKWARD = [{"H": 3, "K": 5, "V": 7}, {"H": 1, "K": 1, "V": 1}]

# Positive features, as the maps in use give: a normalizer that passes zero
# makes any error as large as one likes.


def inputs(rng, B, L, H, K, V):
    return {"q": np.abs(rng.normal(0, 1, (B, L, H, K))) * K**-0.5,
            "k": np.abs(rng.normal(0, 1, (B, L, H, K))),
            "v": rng.normal(0, 1, (B, L, H, V))}


def forward(inputs, parameters, H, K, V):
    q, k, v = inputs.values()
    scores = np.tril(np.einsum("bihk,bjhk->bhij", q, k))
    weight = scores.sum(-1) + 1e-10
    return [np.einsum("bhij,bjhv->bihv", scores / weight[..., None], v)]


def goldens(load):
    for file in ("linear_attn_rec_norm", "linear_attn_rec_norm_init",
                 "linear_attn_chunk64_norm"):
        yield from vectors.matrix_state(load, file, {"q": "q", "k": "k", "v": "v"},
                                        extra={"op1.normalizer": ("z_init", "out_final_z")})
