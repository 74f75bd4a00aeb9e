"""S5 with resets (catalog A, CORE-7, S5 with parallel resets): where a flag is not
zero the state before that step is dropped and its input kept."""
import numpy as np

import s5
from harness import starts
from harness.lti import pair, zoh

SIZES = {"P": 4, "H": 3}
AWKWARD = [{"P": 19, "H": 5}]
PACKED = {"reset": starts}

parameters = s5.parameters


def inputs(rng, B, L, P, H):
    return {"u": rng.normal(0, 1, (B, L, H)), "reset": (rng.random((B, L)) < 0.1) * 1.0}


def forward(inputs, parameters, P, H):
    p, u, reset = parameters, inputs["u"], inputs["reset"]
    decay, gain = zoh(pair(p, "A"), np.exp(p["log_step"]))
    x = np.zeros((len(u), P), complex)
    y = np.empty_like(u)
    for t in range(u.shape[1]):
        x = decay * np.where(reset[:, t, None] != 0, 0, x) + gain * (u[:, t] @ pair(p, "B").T)
        y[:, t] = 2 * (x @ pair(p, "C").T).real + p["D"] * u[:, t]
    return [y]
