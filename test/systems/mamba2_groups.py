"""Mamba-2 block with groups (catalog B, 1.4 to 1.6): as mamba2.py without limits on
dt, with groups of B and C and a bias of out_proj."""
import numpy as np

from harness import Golden, rms_norm, silu, softplus
from harness.selective import short_conv
from harness.ssd import ssd

SIZES = {"M": 6, "H": 4, "P": 3, "G": 2, "N": 4, "O": 5}
AWKWARD = [{"M": 5, "H": 3, "P": 7, "G": 3, "N": 11, "O": 2}]


def parameters(rng, M, H, P, G, N, O):
    width = H * P + 2 * G * N
    dt = np.exp(rng.uniform(np.log(1e-3), np.log(0.5), H))
    return {"in_proj.weight": rng.normal(0, M**-0.5, (H * P + width + H, M)),
            "conv1d.weight": rng.normal(0, 0.5, (width, 1, 4)),
            "conv1d.bias": rng.normal(0, 0.1, width),
            "dt_bias": dt + np.log(-np.expm1(-dt)), "A_log": np.log(rng.uniform(1, 16, H)),
            "D": rng.normal(1, 0.1, H), "norm.weight": rng.normal(1, 0.1, H * P),
            "out_proj.weight": rng.normal(0, (H * P)**-0.5, (O, H * P)),
            "out_proj.bias": rng.normal(0, 0.1, O)}


def inputs(rng, B, L, M, **sizes):
    return {"input": rng.normal(0, 1, (B, L, M))}


def inner(zxbcdt, p, A, H, P, G, N, low=0.0, high=np.inf):
    """Of the projections, before norm and gate: y and z [B, L, H*P]."""
    z, xBC, raw = np.split(zxbcdt, [H * P, 2 * H * P + 2 * G * N], axis=-1)
    xBC = silu(short_conv(xBC, p["conv1d.weight"][:, 0], p["conv1d.bias"]))
    x, B, C = np.split(xBC, [H * P, H * P + G * N], axis=-1)
    dt = np.clip(softplus(raw + p["dt_bias"]), low, high)
    y, _ = ssd(x.reshape(*x.shape[:2], H, P), dt, A, B.reshape(*x.shape[:2], G, N),
               C.reshape(*x.shape[:2], G, N), p["D"])
    return y.reshape(z.shape), z


def forward(inputs, parameters, M, H, P, G, N, O):
    p = parameters
    zxbcdt = inputs["input"] @ p["in_proj.weight"].T
    y, z = inner(zxbcdt, p, -np.exp(p["A_log"]), H, P, G, N)
    y = rms_norm(y * silu(z), p["norm.weight"])
    return [y @ p["out_proj.weight"].T + p["out_proj.bias"]]


def goldens(load):
    """The mixer's norm is in float32 even there; the fused op has no in_proj."""
    d = load("hf_mamba2_mixer")
    parameters = {key[2:]: value for key, value in d.items() if key.startswith("p.")}
    parameters["out_proj.bias"] = np.zeros(12)
    yield Golden("hf_mamba2_mixer", {"M": 12, "H": 6, "P": 4, "G": 3, "N": 4, "O": 12},
                 {"input": d["mixer_in"]}, parameters, [d["mixer_out"]], tolerance=1e-6)
    d = load("mamba2_split_conv1d_scan_norm_after_gate")
    width = d["zxbcdt"].shape[-1]
    yield Golden("mamba2_split_conv1d_scan_norm_after_gate",
                 {"M": width, "H": 6, "P": 4, "G": 3, "N": 3, "O": 7}, {"input": d["zxbcdt"]},
                 {"in_proj.weight": np.eye(width), "conv1d.weight": d["conv1d_weight"][:, None],
                  "conv1d.bias": d["conv1d_bias"], "dt_bias": d["dt_bias"],
                  "A_log": np.log(-d["A"]), "D": d["D"], "norm.weight": d["rmsnorm_weight"],
                  "out_proj.weight": d["outproj_weight"], "out_proj.bias": d["outproj_bias"]},
                 [d["out"]])
