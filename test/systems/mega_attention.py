"""MEGA's gated attention unit, causal, by disjoint chunks (catalog A, 2.2 MEGA): in
each, softmax(q k^T / sqrt(Z) + bias) v with q, k = z gamma + beta and bias[i, j] =
table[maxpos - 1 + j - i]."""
import numpy as np

SIZES = {"Z": 3, "E": 5}
AWKWARD = [{"Z": 17, "E": 19}, {"Z": 1, "E": 1}]
CHUNK = 4
MASKED = -1e30


def parameters(rng, Z, E):
    table = rng.normal(0, 1, 2 * CHUNK - 1)
    i, j = np.indices((CHUNK, CHUNK))
    scale = Z**-0.5
    # To the next slot, and what a one at the first has from elsewhere away.
    turn = np.eye(CHUNK, k=-1)
    turn[0, :-1] = -1
    return {"gamma.0": rng.normal(0, 1, Z) * scale, "beta.0": rng.normal(0, 1, Z) * scale,
            "gamma.1": rng.normal(0, 1, Z), "beta.1": rng.normal(0, 1, Z),
            "bias": np.where(j <= i, table[CHUNK - 1 + j - i], MASKED),
            "turn": turn}


def inputs(rng, B, L, Z, E):
    return {"z": rng.normal(0, 1, (B, L, Z)), "v": rng.normal(0, 1, (B, L, E))}


def forward(inputs, parameters, Z, E):
    p, z, v = parameters, inputs["z"], inputs["v"]
    o = np.empty(v.shape)
    for begin in range(0, v.shape[1], CHUNK):
        rows = slice(begin, begin + CHUNK)
        q = z[:, rows] * p["gamma.0"] + p["beta.0"]
        k = z[:, rows] * p["gamma.1"] + p["beta.1"]
        steps = q.shape[1]
        causal = np.tri(steps, dtype=bool)
        scores = np.where(causal, q @ k.swapaxes(1, 2) + p["bias"][:steps, :steps], -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        o[:, rows] = weights / weights.sum(-1, keepdims=True) @ v[:, rows]
    return [o]
