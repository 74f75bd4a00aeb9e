"""Mamba-2 block with d_ssm < d_inner (catalog B, 1.4 to 1.6): z0, x0, z, xBC, dt =
in_proj; y = SSD with D [H, P]; out_proj [silu(z0) x0, RMS_g(y silu(z)) w], the norm of
each of G parts of the width. At a reset convolution and state start afresh."""
import numpy as np

from harness import rms_norm, silu, softplus, starts

SIZES = {"M": 6, "E": 5, "H": 4, "P": 3, "G": 2, "N": 4}
AWKWARD = [{"M": 5, "E": 1, "H": 3, "P": 7, "G": 3, "N": 11}]
PACKED = {"reset": starts}


def parameters(rng, M, E, H, P, G, N):
    width = H * P + 2 * G * N
    return {"in_proj.weight": rng.normal(0, M**-0.5, (2 * E + H * P + width + H, M)),
            "conv1d.weight": rng.normal(0, 0.5, (width, 1, 4)),
            "conv1d.bias": rng.normal(0, 0.1, width), "dt_bias": rng.normal(-2, 1, H),
            "A": -rng.uniform(1, 16, H), "D": rng.normal(1, 0.1, (H, P)),
            "norm.weight": rng.normal(1, 0.1, H * P),
            "out_proj.mlp": rng.normal(0, E**-0.5, (M, E)),
            "out_proj.ssm": rng.normal(0, (H * P)**-0.5, (M, H * P))}


def inputs(rng, B, L, M, **sizes):
    return {"input": rng.normal(0, 1, (B, L, M)), "reset": (rng.random((B, L)) < 0.05) * 1.0}


def forward(inputs, parameters, M, E, H, P, G, N):
    p, reset = parameters, inputs["reset"]
    z0, x0, z, xBC, raw = np.split(inputs["input"] @ p["in_proj.weight"].T,
                                   np.cumsum([E, E, H * P, H * P + 2 * G * N]), axis=-1)
    dt = softplus(raw + p["dt_bias"])
    batch, length = reset.shape
    mixed = np.zeros_like(z)
    for b in range(batch):
        S, window = np.zeros((H, P, N)), np.zeros((4, xBC.shape[-1]))
        for t in range(length):
            if reset[b, t] != 0:
                S, window = np.zeros_like(S), np.zeros_like(window)
            window = np.concatenate([window[1:], xBC[b, t][None]])
            taps = silu((window * p["conv1d.weight"][:, 0].T).sum(0) + p["conv1d.bias"])
            x, Bs, Cs = np.split(taps, [H * P, H * P + G * N])
            x = x.reshape(H, P)
            Bs, Cs = (np.repeat(m.reshape(G, N), H // G, axis=0) for m in (Bs, Cs))
            S = (np.exp(dt[b, t] * p["A"])[:, None, None] * S
                 + (dt[b, t, :, None] * x)[..., None] * Bs[:, None])
            mixed[b, t] = ((S * Cs[:, None]).sum(-1) + p["D"] * x).ravel()
    gated = (mixed * silu(z)).reshape(batch, length, G, H * P // G)
    normed = rms_norm(gated).reshape(z.shape) * p["norm.weight"]
    return [silu(z0) * x0 @ p["out_proj.mlp"].T + normed @ p["out_proj.ssm"].T]
