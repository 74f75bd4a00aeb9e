"""Mamba-2 block, one group (catalog B, 1.4 to 1.6): z, xBC, dt = in_proj; xBC
through a convolution and silu; SSD with dt clamped to [0.05, 0.8], nearest float32;
RMS norm of y silu(z) over the whole width; out_proj."""
import numpy as np

from harness import Golden, rms_norm, silu, softplus
from harness.selective import short_conv
from harness.ssd import ssd

SIZES = {"M": 6, "H": 4, "P": 2, "N": 4}
AWKWARD = [{"M": 5, "H": 3, "P": 7, "N": 11}]


def parameters(rng, M, H, P, N):
    dt = np.exp(rng.uniform(np.log(1e-3), np.log(0.5), H))
    return {"in_proj.weight": rng.normal(0, M**-0.5, (2 * H * P + 2 * N + H, M)),
            "conv1d.weight": rng.normal(0, 0.5, (H * P + 2 * N, 1, 4)),
            "conv1d.bias": rng.normal(0, 0.1, H * P + 2 * N),
            "dt_bias": dt + np.log(-np.expm1(-dt)), "A_log": np.log(rng.uniform(1, 16, H)),
            "D": rng.normal(1, 0.1, H), "norm.weight": rng.normal(1, 0.1, H * P),
            "out_proj.weight": rng.normal(0, (H * P)**-0.5, (M, H * P))}


def inputs(rng, B, L, M, **sizes):
    return {"input": rng.normal(0, 1, (B, L, M))}


def forward(inputs, parameters, M, H, P, N):
    p, x = parameters, inputs["input"]
    z, xBC, raw = np.split(x @ p["in_proj.weight"].T, [H * P, 2 * H * P + 2 * N], axis=-1)
    xBC = silu(short_conv(xBC, p["conv1d.weight"][:, 0], p["conv1d.bias"]))
    x, B, C = np.split(xBC, [H * P, H * P + N], axis=-1)
    dt = np.clip(softplus(raw + p["dt_bias"]), *np.float32([0.05, 0.8]).astype(float))
    y, _ = ssd(x.reshape(*x.shape[:2], H, P), dt, -np.exp(p["A_log"]), B[:, :, None],
               C[:, :, None], p["D"])
    y = rms_norm(y.reshape(z.shape) * silu(z), p["norm.weight"])
    return [y @ p["out_proj.weight"].T]


def goldens(load):
    """Its norm is in float32 even there."""
    d = load("hf_mamba2_g1_mixer")
    parameters = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    yield Golden("hf_mamba2_g1_mixer", {"M": 12, "H": 6, "P": 4, "N": 4},
                 {"input": d["mixer_in"]}, parameters, [d["mixer_out"]], tolerance=1e-6)
