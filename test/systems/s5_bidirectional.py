"""S5 in both directions (catalog A, S5): the reverse scan has the same poles and
inputs, both count lag 0; plain real part."""
import numpy as np

import s5
from harness import Golden
from harness.lti import pair, planar

SIZES = {"P": 4, "H": 3}
AWKWARD = [{"P": 19, "H": 5}]
CAUSAL = False


def parameters(rng, P, H):
    p = s5.parameters(rng, P, H)
    second = rng.normal(0, P**-0.5, (H, P)) + 1j * rng.normal(0, P**-0.5, (H, P))
    return {**{name.replace("C_", "C1_"): value for name, value in p.items()},
            **planar("C2", second)}


def inputs(rng, B, L, P, H):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, P, H):
    p, u = parameters, inputs["u"]
    y = s5.states(p, u) @ pair(p, "C1").T + s5.states(p, u, reverse=True) @ pair(p, "C2").T
    return [y.real + p["D"] * u]


def goldens(load):
    d = load("s5_zoh_noconj_bidir")
    yield Golden("s5_zoh_noconj_bidir", {"P": 8, "H": 4}, {"u": d["u"][None]},
                 s5.official(d, "C1", "C2"), [d["y"][None]])
    # Pairs count twice; one C holds both read-outs; the rate doubles every step.
    d = load("s5_zoh_conj_bidir_complexC")
    p = s5.official(d, "C")
    C = pair(p, "C")
    p = {name: value for name, value in p.items() if not name.startswith("C_")}
    p.update({**planar("C1", 2 * C[:, :4]), **planar("C2", 2 * C[:, 4:]),
              "log_step": p["log_step"] + np.log(2)})
    yield Golden("s5_zoh_conj_bidir_complexC", {"P": 4, "H": 4}, {"u": d["u"][None]}, p,
                 [d["y"][None]])
