"""The response of h0 + sum_i b[i] z^-(i+1) / (1 + sum_i a[i] z^-(i+1)), and with b[i]
at z^-i (catalog A, RTF)."""
import numpy as np

from harness.lti import causal

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 5, "N": 4}, {"H": 1, "N": 1}]
CAUSAL = False


def parameters(rng, H, N):
    a = rng.normal(0, 1, (H, N))
    a *= 0.9 / np.abs(a).sum(1, keepdims=True)
    return {"a": a, "b": rng.normal(0, 1, (2 * H, N)), "h0": rng.normal(0, 1, 2 * H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, 2 * H))}


def rational(a, b, h0, length):
    """b[i] stands at z^-i; by long division."""
    taps = np.zeros(length)
    for l in range(length):
        taps[l] = (b[l] if l < len(b) else 0) - sum(
            a[i] * taps[l - 1 - i] for i in range(min(len(a), l)))
    taps[:1] += h0
    return taps


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    L, systems = u.shape[1], range(2 * H)
    later = [rational(p["a"][h // 2], np.r_[0, p["b"][h]], p["h0"][h], L) for h in systems]
    direct = [rational(p["a"][h // 2], p["b"][h], p["h0"][h], L) for h in systems]
    return [causal(np.array(kernel), u) for kernel in (later, direct)]
