"""S5, bilinear (catalog A, CORE-1, CORE-7, S5); all else as in s5.py."""
import s5
from harness import Golden
from harness.lti import bilinear, pair

SIZES = {"P": 4, "H": 3}
AWKWARD = [{"P": 9, "H": 5}]

inputs, parameters = s5.inputs, s5.parameters


def forward(inputs, parameters, P, H):
    p, u = parameters, inputs["u"]
    return [2 * (s5.states(p, u, bilinear) @ pair(p, "C").T).real + p["D"] * u]


def goldens(load):
    d = load("s5_bilinear_conj")
    yield Golden("s5_bilinear_conj", {"P": 4, "H": 4}, {"u": d["u"][None]},
                 s5.official(d, "C"), [d["y"][None]])
