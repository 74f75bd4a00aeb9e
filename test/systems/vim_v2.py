"""Vision Mamba's mixer, v2 (catalog B, 1.8): out_proj(f(xz) + flip(b(flip xz))), f
and b each convolution, silu, selective scan and gate."""
import numpy as np

from harness import Golden, silu
from harness.selective import selective_scan, short_conv, time_second

SIZES = {"M": 5, "D": 6, "N": 4, "R": 2}
AWKWARD = [{"M": 3, "D": 17, "N": 1, "R": 1}]
CAUSAL = False


def mixer_parameters(rng, D, N, R):
    return {"conv1d_weight": rng.normal(0, 0.5, (D, 1, 4)),
            "conv1d_bias": rng.normal(0, 0.1, D),
            "x_proj_weight": rng.normal(0, D**-0.5, (R + 2 * N, D)),
            "delta_proj_weight": rng.normal(0, R**-0.5, (D, R)),
            "delta_bias": rng.normal(-2, 1, D), "A": -np.exp(rng.normal(0, 1, (D, N))),
            "D": rng.normal(1, 0.1, D)}


def parameters(rng, M, D, N, R):
    p = {"out_proj_weight": rng.normal(0, D**-0.5, (M, D)),
         "out_proj_bias": rng.normal(0, 0.1, M)}
    for direction in "fb":
        for name, value in mixer_parameters(rng, D, N, R).items():
            p[f"{direction}.{name}"] = value
    return p


def inputs(rng, B, L, D, **sizes):
    return {"xz": rng.normal(0, 1, (B, L, 2 * D))}


def scanned(p, xz, R, N):
    """What the scan takes: u, delta, B, C, z."""
    x, z = np.split(xz, 2, axis=-1)
    u = silu(short_conv(x, p["conv1d_weight"][:, 0], p["conv1d_bias"]))
    low, B, C = np.split(u @ p["x_proj_weight"].T, [R, R + N], axis=-1)
    return u, low @ p["delta_proj_weight"].T, B, C, z


def scan(p, A, u, delta, B, C, z):
    return selective_scan(u, delta, A, B, C, p["D"], z, p["delta_bias"])


def forward(inputs, parameters, M, D, N, R):
    p, y = parameters, 0
    for direction, step in [("f", 1), ("b", -1)]:
        own = {name[2:]: value for name, value in p.items() if name.startswith(direction + ".")}
        y = y + scan(own, own["A"], *scanned(own, inputs["xz"][:, ::step], R, N))[:, ::step]
    return [y @ p["out_proj_weight"].T + p["out_proj_bias"]]


def goldens(load):
    d = load("vim_bimamba")
    parameters = {name: value for name, value in d.items()
                  if name[:2] in ("f.", "b.") or name.startswith("out_proj")}
    yield Golden("vim_bimamba v2", SIZES, {"xz": time_second(d["xz"])}, parameters,
                 [d["out_v2"]])
    half = {**parameters, "out_proj_weight": d["out_proj_weight"] / 2}
    yield Golden("vim_bimamba v2, halved", SIZES, {"xz": time_second(d["xz"])}, half,
                 [d["out_v2_div"]])
