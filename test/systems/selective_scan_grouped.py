"""Selective scan with grouped B and C (catalog B, 1.1)."""
import numpy as np

from harness import Golden
from harness.selective import selective_scan, time_second

SIZES = {"D": 4, "N": 3, "G": 2}
AWKWARD = [{"D": 15, "N": 5, "G": 3}, {"D": 3, "N": 1, "G": 1}]


def parameters(rng, D, N, G):
    return {"A": -np.exp(rng.normal(0, 1, (D, N))), "D": rng.normal(0, 1, D),
            "bias": rng.normal(-2, 1, D)}


def inputs(rng, B, L, D, N, G):
    shapes = {"u": (D,), "delta": (D,), "B": (G, N), "C": (G, N), "z": (D,)}
    return {name: rng.normal(0, 1, (B, L, *shape)) for name, shape in shapes.items()}


def forward(inputs, parameters, D, N, G):
    p, x = parameters, inputs
    return [selective_scan(x["u"], x["delta"], p["A"], x["B"], x["C"], p["D"], x["z"],
                           p["bias"])]


def goldens(load):
    d = load("selective_scan_real_grouped3")
    yield Golden("selective_scan_real_grouped3", {"D": 6, "N": 4, "G": 3},
                 {name: time_second(d[name]) for name in ("u", "delta", "B", "C", "z")},
                 {"A": d["A"], "D": d["D"], "bias": d["delta_bias"]}, [time_second(d["out"])])
    for name in ("heads_g1", "heads_g3", "nohead"):
        yield update_golden(load, f"selective_state_update_{name}",
                            {"u": "x", "delta": "dt", "B": "B", "C": "C", "z": "z"},
                            {"D": "D", "bias": "dt_bias"})
    d = load("ssd_g1_dt4")  # SSD with a step size per channel; silu of its gate is one
    batch, length, H, P = d["x"].shape
    inputs = {"u": d["x"].reshape(batch, length, H * P),
              "delta": d["dt"].reshape(batch, length, H * P), "B": d["B"], "C": d["C"],
              "z": np.full((batch, length, H * P), 1.2784645427610738)}
    N = d["B"].shape[-1]
    yield Golden("ssd_g1_dt4", {"D": H * P, "N": N, "G": 1}, inputs,
                 {"A": np.repeat(d["A"], P)[:, None] * np.ones(N), "D": np.repeat(d["D"], P),
                  "bias": np.zeros(H * P)}, [d["out_scan"].reshape(batch, length, H * P)])


def update_golden(load, file, arguments, vectors):
    """Three steps from a state, of channels that heads may part; `vectors` gives
    what there is one of per channel."""
    d = load(file)
    steps, batch = d["x"].shape[:2]
    N = d["A"].shape[-1]
    D = d["A"].size // N
    G = d["B"].shape[2] if d["B"].ndim == 4 else 1

    def over_time(name):
        return d[name].swapaxes(0, 1).reshape(batch, steps, *((G, N) if name in "BC" else (D,)))

    return Golden(file, {"D": D, "N": N, "G": G},
                  {ours: over_time(theirs) for ours, theirs in arguments.items()},
                  {"A": d["A"].reshape(D, N),
                   **{ours: d[theirs].ravel() for ours, theirs in vectors.items()}},
                  [over_time("out")],
                  {"op0.recurrent": d["state0"].reshape(batch, D, N)},
                  {"op0.recurrent": d["states"][-1].reshape(batch, D, N)})
