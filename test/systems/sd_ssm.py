"""SD-SSM (catalog B, 2): A_t = sum_k softmax(selector x_t)_k A[:, :, k], each
column divided by its 1.2-norm; h = A_t h + B x_t; y = Linear(LayerNorm(h))."""
import numpy as np

from harness import layer_norm

P = float(np.float32(1.2))
SIZES = {"E": 5, "N": 4, "K": 3}
AWKWARD = [{"E": 3, "N": 7, "K": 5}, {"E": 2, "N": 3, "K": 1}]
# The norm of the read-out divides by the spread of few states, which is at times
# a hundredth of the largest output.
TOLERANCE = 5e-5


def parameters(rng, E, N, K):
    bound = (6 / (2 * N))**0.5
    return {"selector.weight": rng.normal(0, 1, (K, E)), "selector.bias": rng.normal(0, 1, K),
            "A": rng.uniform(-bound, bound, (N, N, K)), "B": rng.normal(0, E**-0.5, (N, E)),
            "norm.weight": rng.normal(1, 0.1, N), "norm.bias": rng.normal(0, 0.1, N),
            "readout.weight": rng.normal(0, N**-0.5, (E, N)),
            "readout.bias": rng.normal(0, 0.1, E)}


def inputs(rng, B, L, E, **sizes):
    return {"x": rng.normal(0, 1, (B, L, E))}


def forward(inputs, parameters, E, N, K):
    p, x = parameters, inputs["x"]
    scores = x @ p["selector.weight"].T + p["selector.bias"]
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    h = np.zeros((x.shape[0], N))
    states = np.empty((*x.shape[:2], N))
    for t in range(x.shape[1]):
        A = np.einsum("bk,ijk->bij", weights[:, t], p["A"])
        A /= (np.abs(A)**P).sum(1, keepdims=True)**(1 / P)
        h = np.einsum("bij,bj->bi", A, h) + x[:, t] @ p["B"].T
        states[:, t] = h
    normed = layer_norm(states, p["norm.weight"], p["norm.bias"])
    return [normed @ p["readout.weight"].T + p["readout.bias"]]
