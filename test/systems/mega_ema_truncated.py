"""MEGA's moving average with kernel length 6 (catalog A, 2.2 MEGA)."""
import numpy as np

import mega_ema
from harness import Golden
from harness.lti import causal

SIZES = {"D": 3, "N": 2}
AWKWARD = [{"D": 17, "N": 5}]

inputs, parameters = mega_ema.inputs, mega_ema.parameters


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs["x"]
    return [causal(mega_ema.kernel(p, 6), x) + p["omega"] * x]


def goldens(load):
    d = load("mega_ema_trunc")
    D, N = d["p.gamma"].shape
    yield Golden("mega_ema_trunc", {"D": D, "N": N}, {"x": d["x"].swapaxes(0, 1)},
                 {**mega_ema.official(d), "omega": d["p.omega"],
                  "scale": np.full((D, N), N**-0.5)}, [d["y"].swapaxes(0, 1)])
