"""MEGA's moving average in both directions (catalog A, 2.2 MEGA, CORE-5 (I))."""
import numpy as np

import mega_ema
from harness import Golden
from harness.lti import anticausal, causal

SIZES = {"D": 3, "N": 2}
AWKWARD = [{"D": 17, "N": 5}]
CAUSAL = False

inputs = mega_ema.inputs


def parameters(rng, D, N):
    back = mega_ema.parameters(rng, D, N)
    return {**mega_ema.parameters(rng, D, N),
            **{name + "_back": back[name] for name in ("delta", "alpha", "beta", "gamma")}}


def forward(inputs, parameters, D, N):
    p, x = parameters, inputs["x"]
    L = x.shape[1]
    return [causal(mega_ema.kernel(p, L), x) + anticausal(mega_ema.kernel(p, L, "_back"), x)
            + p["omega"] * x]


def goldens(load):
    d = load("mega_ema_bidir")
    D, N = d["p.omega"].shape[0], d["p.gamma"].shape[1]
    parameters = {**mega_ema.official(d, slice(D)), **mega_ema.official(d, slice(D, None), "_back"),
                  "omega": d["p.omega"], "scale": np.full((D, N), N**-0.5)}
    yield Golden("mega_ema_bidir", {"D": D, "N": N}, {"x": d["x"].swapaxes(0, 1)}, parameters,
                 [d["y"].swapaxes(0, 1)])
