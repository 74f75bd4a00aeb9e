"""S5, zero-order hold, conjugate pairs (catalog A, CORE-1, CORE-7, S5)."""
import numpy as np

from harness import Golden
from harness.lti import pair, planar, scan_diagonal, zoh

SIZES = {"P": 4, "H": 3}
AWKWARD = [{"P": 19, "H": 5}, {"P": 1, "H": 1}]


def parameters(rng, P, H):
    """HiPPO-like poles; names as read-outs have them."""
    return {"log_step": rng.uniform(np.log(1e-3), np.log(0.1), P),
            **planar("A", -0.5 - 1j * rng.uniform(0.5, 20, P)),
            **planar("B", rng.normal(0, H**-0.5, (P, H)) + 1j * rng.normal(0, H**-0.5, (P, H))),
            **planar("C", rng.normal(0, P**-0.5, (H, P)) + 1j * rng.normal(0, P**-0.5, (H, P))),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, P, H):
    return {"u": rng.normal(0, 1, (B, L, H))}


def states(p, u, discretize=zoh, reverse=False):
    decay, gain = discretize(pair(p, "A"), np.exp(p["log_step"]))
    return scan_diagonal(decay, u @ (gain[:, None] * pair(p, "B")).T, reverse)


def forward(inputs, parameters, P, H):
    p, u = parameters, inputs["u"]
    return [2 * (states(p, u) @ pair(p, "C").T).real + p["D"] * u]


def official(d, *read_outs):
    """The parameters of the reference code, B (P, H, 2), C (H, P, 2)."""
    p = {"log_step": d["p.log_step"][:, 0],
         **planar("A", d["p.Lambda_re"] + 1j * d["p.Lambda_im"]), "D": d["p.D"]}
    for name in ("B", *read_outs):
        p.update(planar(name, d[f"p.{name}"][..., 0] + 1j * d[f"p.{name}"][..., 1]))
    return p


def goldens(load):
    d = load("s5_zoh_conj")
    yield Golden("s5_zoh_conj", {"P": 4, "H": 4}, {"u": d["u"][None]}, official(d, "C"),
                 [d["y"][None]])
