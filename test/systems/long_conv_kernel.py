"""Kernels of long convolutions (catalog A, 2.2 Long convs): a mean over an odd window,
divided by its width at the borders too, then sign(k) max(|k| - lambda, 0)."""
import numpy as np

from harness import Golden
from harness.lti import causal, impulse

SIZES = {"H": 3, "K": 70}
AWKWARD = [{"H": 17, "K": 9}]


def mean(K, width):
    """[K, K], symmetric."""
    lags = np.abs(np.subtract.outer(np.arange(K), np.arange(K)))
    return (lags <= width // 2) / width


def parameters(rng, H, K):
    return {"kernel": rng.normal(0, 0.1, (H, K)), "smoothing": mean(K, 5),
            "lambda": rng.uniform(0, 0.1, H)}


def inputs(rng, B, L, H, K):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, K):
    k = parameters["kernel"]
    smooth = sum(np.pad(k, ((0, 0), (K, K)))[:, K + lag:2 * K + lag]
                 * parameters["smoothing"][0, abs(lag)] for lag in range(1 - K, K))
    squashed = np.sign(smooth) * np.maximum(np.abs(smooth) - parameters["lambda"][:, None], 0)
    return [causal(squashed, inputs["u"])]


def goldens(load):
    d = load("long_conv_kernel")
    for name, width, bound in [("squash", 1, 1e-3), ("squash_noncausal", 1, 1e-3),
                               ("smooth", 3, 5e-4), ("dexp", 1, 1e-2)]:
        k, expected = d[f"k_{name}"][0], d[f"out_{name}"][0]
        H, K = k.shape
        yield Golden("long_conv_kernel", {"H": H, "K": K}, {"u": impulse(H, K)},
                     {"kernel": k, "smoothing": mean(K, width), "lambda": np.full(H, bound)},
                     [expected.T[None]])
