"""Causal Toeplitz mixing o[t] = sum_s gamma^(t-s) t_(t-s) v[s] (catalog A, 2.3 TNN +
ETSC), and the same by K states per channel from the module's constants, which
float32 rounds. They are those of the conversion: m = K + 1,
b = ifft([t, -sum t]) without entry 0, poles gamma e^{-2 pi i k/m}."""
import numpy as np

from harness.lti import causal, pair, planar, scan_diagonal

SIZES = {"C": 3, "K": 12}
AWKWARD = [{"C": 5, "K": 7}]
LENGTHS = [1, 2, 5, 7]  # at most K of every size
GAMMA = 0.99


def parameters(rng, C, K):
    m, k = K + 1, np.arange(1, K + 1)
    j = np.arange(K)[:, None]
    fourier = (np.exp(2j * np.pi * j * k / m) - np.exp(2j * np.pi * K * k / m)) / m
    return {"t": rng.normal(0, 1, (C, K)), "powers": GAMMA**np.arange(K),
            **planar("fourier", fourier), **planar("poles", GAMMA * np.exp(-2j * np.pi * k / m))}


def inputs(rng, B, L, C, K):
    return {"v": rng.normal(0, 1, (B, L, C))}


def forward(inputs, parameters, C, K):
    p, v = parameters, inputs["v"]
    b = p["t"] @ pair(p, "fourier")
    x = scan_diagonal(pair(p, "poles"), v[..., None] * b)
    return [causal(p["t"] * p["powers"], v), x.sum(-1).real]


def checks(load):
    """The conversion is exact: both results agree, for sequences of up to K."""
    rng = np.random.default_rng(20_18)
    for sizes in (SIZES, *AWKWARD):
        window, states = forward(inputs(rng, 2, sizes["K"], **sizes), parameters(rng, **sizes),
                                 **sizes)
        yield f"conversion of {sizes['K']} taps", states, window, 1e-12
