"""Hyena of order 2 (catalog A, 2.2 Hyena): v = (v x1) conv k + bias (v x1), y =
out_proj(v x0); k[l, c] = MLP(z_l)[c] exp(t_l rate_c), rate = -|delta|, sines of one
frequency vector between layers; z_l = [t, cos(f w), -sin(f w)] with w = 2 pi l / K."""
import numpy as np

from harness import Golden
from harness.lti import causal

SIZES = {"D": 4, "E": 5, "F": 6, "K": 80, "W": 3}
AWKWARD = [{"D": 6, "E": 3, "F": 5, "K": 21, "W": 2}]


def positions(E, K):
    """The table of features, and the times in [0, 1]."""
    t = np.linspace(0, 1, K)
    bands = (E - 1) // 2
    f = np.linspace(1e-4, bands - 1, bands) if bands > 1 else np.array([1e-4])
    phase = f * (2 * np.pi * np.arange(K) / K)[:, None]
    return np.concatenate([t[:, None], np.cos(phase), -np.sin(phase)], 1), t


def parameters(rng, D, E, F, K, W):
    z, t = positions(E, K)
    p = {"in_proj.weight": rng.normal(0, D**-0.5, (3 * D, D)),
         "in_proj.bias": rng.normal(0, 0.1, 3 * D),
         "short_filter.weight": rng.normal(0, W**-0.5, (3 * D, 1, W)),
         "short_filter.bias": rng.normal(0, 0.1, 3 * D),
         "out_proj.weight": rng.normal(0, D**-0.5, (D, D)),
         "out_proj.bias": rng.normal(0, 0.1, D), "z": z, "t": t,
         "freq": rng.normal(1, 0.1, F), "bias": rng.normal(0, 1, D),
         "rates": np.linspace(np.log(1e-2) / 1.5, np.log(1e-2) / 0.3, D),
         "implicit_filter.6.weight": rng.normal(0, F**-0.5, (D, F))}
    for number, width in [(0, E), (2, F), (4, F)]:
        p[f"implicit_filter.{number}.weight"] = rng.normal(0, width**-0.5, (F, width))
        p[f"implicit_filter.{number}.bias"] = rng.normal(0, 0.1, F)
    return p


def inputs(rng, B, L, D, **sizes):
    return {"u": rng.normal(0, 1, (B, L, D))}


def kernel(z, t, p):
    """[D, taps]"""
    h = z
    for number in (0, 2, 4):
        weight, bias = (p[f"implicit_filter.{number}.{kind}"] for kind in ("weight", "bias"))
        h = np.sin(p["freq"] * (h @ weight.T + bias))
    h = h @ p["implicit_filter.6.weight"].T
    return (h * np.exp(t[:, None] * p["rates"])).T


def mix(u, k, p):
    s = u @ p["in_proj.weight"].T + p["in_proj.bias"]
    s = causal(p["short_filter.weight"][:, 0, ::-1], s) + p["short_filter.bias"]
    x0, x1, v = np.split(s, 3, axis=-1)
    y = causal(k, v * x1) + p["bias"] * v * x1
    return (y * x0) @ p["out_proj.weight"].T + p["out_proj.bias"]


def forward(inputs, parameters, D, E, F, K, W):
    p = parameters
    return [mix(inputs["u"], kernel(p["z"], p["t"], p), p)]


def golden_parameters(d):
    p = {key[2:].replace("filter_fn.", ""): value for key, value in d.items()
         if key.startswith("p.")}
    p["z"], p["t"] = p.pop("pos_emb.z")[0], p.pop("pos_emb.t")[0, :, 0]
    p["rates"] = -np.abs(p.pop("modulation.deltas")[0, 0])
    p["freq"] = p.pop("implicit_filter.1.freq")[0]
    return p


def goldens(load):
    d = load("hyena_order2")
    sizes = {"D": 4, "E": 5, "F": 6, "K": 13, "W": 3}
    yield Golden("hyena_order2", sizes, {"u": d["u"]}, golden_parameters(d), [d["y"]])
    yield Golden("hyena_order2, short", sizes, {"u": d["u"][:, :9]}, golden_parameters(d),
                 [d["y_short"]])
