"""S4D as a convolution (catalog A, CORE-3, S4D): y = K * u + D u with K[l] = Re sum
weight decay^l; decay and weight are zero-order hold's, made here."""
import numpy as np

from harness.lti import pair, planar, scan_diagonal, zoh

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 17, "N": 8}]
CAUSAL = False  # the kernel's length is the sequence's: no steps


def parameters(rng, H, N):
    a = -0.5 + 1j * np.pi * np.tile(np.arange(N), (H, 1))
    decay, gain = zoh(a, np.exp(rng.uniform(np.log(1e-3), np.log(0.1), (H, 1))))
    C = rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))
    return {**planar("decay", decay), **planar("weight", 2 * C * gain), "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N):
    """By the recurrence, which shares nothing with kernels."""
    p, u = parameters, inputs["u"]
    x = scan_diagonal(pair(p, "decay"), np.repeat(u[..., None], N, axis=-1))
    return [(pair(p, "weight") * x).sum(-1).real + p["D"] * u]
