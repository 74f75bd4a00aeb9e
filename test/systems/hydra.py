"""Hydra block, one group (catalog B, 2 Hydra): z, x, B, C, dt = in_proj; symmetric
convolution over 7 steps and silu; y = shift(SSD(x, dt_f, B_f, C_f)) + the same from
the end + x (fc_D x + D); out_proj(rms_norm(y) silu(z))."""
import numpy as np

from harness import Golden, rms_norm, silu, softplus
from harness.ssd import ssd

SIZES = {"M": 6, "H": 3, "P": 4, "N": 4}
AWKWARD = [{"M": 5, "H": 2, "P": 1, "N": 9}]
CAUSAL = False


def taps(weight):
    """[C, 7], oldest first, as the module has it."""
    return {"conv.past": weight[:, 3::-1], "conv.future": weight[:, 4:]}


def parameters(rng, M, H, P, N):
    D = H * P
    return {"in_proj.weight": rng.normal(0, M**-0.5, (2 * D + 4 * N + 2 * H, M)),
            **taps(rng.normal(0, 0.4, (D + 4 * N, 7))), "conv.bias": rng.normal(0, 0.1, D + 4 * N),
            "dt_bias": rng.normal(-2, 1, H), "A_log": rng.normal(0, 0.5, H),
            "D": rng.normal(1, 0.1, H), "fc_D.weight": rng.normal(0, D**-0.5, (H, D)),
            "norm.weight": rng.normal(1, 0.1, D), "out_proj.weight": rng.normal(0, D**-0.5, (M, D))}


def inputs(rng, B, L, M, **sizes):
    return {"u": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, H, P, N):
    p, u = parameters, inputs["u"]
    D = H * P
    z, xbc, dt = np.split(u @ p["in_proj.weight"].T, [D, 2 * D + 4 * N], axis=-1)
    weight = np.concatenate([p["conv.past"][:, ::-1], p["conv.future"]], axis=1)
    padded = np.pad(xbc, ((0, 0), (3, 3), (0, 0)))
    conv = sum(weight[:, k] * padded[:, k:k + xbc.shape[1]] for k in range(7))
    x, bc = np.split(silu(conv + p["conv.bias"]), [D], axis=-1)
    y = quasiseparable(x, bc, dt + np.tile(p["dt_bias"], 2), p, H, P)
    return [(rms_norm(y, p["norm.weight"]) * silu(z)) @ p["out_proj.weight"].T]


def quasiseparable(x, bc, dt, p, H, P):
    """bc holds B and C per direction, dt the raw step sizes; x [B, L, H*P]."""
    heads = x.reshape(*x.shape[:2], H, P)
    y = heads * (x @ p["fc_D.weight"].T + p["D"])[..., None]
    for step, part, raw in zip((1, -1), np.split(bc, 2, axis=-1), np.split(dt, 2, axis=-1)):
        B, C = np.split(part[:, ::step, None], 2, axis=-1)
        read, _ = ssd(heads[:, ::step], softplus(raw)[:, ::step], -np.exp(p["A_log"]), B, C,
                      read_before=True)
        y = y + read[:, ::step]
    return y.reshape(x.shape)


def goldens(load):
    d = load("hydra_block")
    parameters = {key[2:]: value for key, value in d.items()
                  if key.startswith("p.") and "conv1d" not in key}
    parameters.update({**taps(d["p.conv1d.weight"][:, 0]), "conv.bias": d["p.conv1d.bias"]})
    yield Golden("hydra_block", SIZES, {"u": d["u"]}, parameters, [d["y"]])
