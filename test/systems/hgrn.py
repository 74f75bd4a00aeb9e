"""HGRN's recurrence (catalog C, 1.B "HGRN / HGRN2"): h_t = e^{g_t} h_{t-1} + x_t with
x_t = (1 - e^{g_t}) silu(i_t) given, in its explicit form
h_t = sum_{s<=t} exp(g_{s+1} + ... + g_t) x_s.
"""
import numpy as np

from harness import Golden, silu

SIZES = {"D": 8}
AWKWARD = [{"D": 11}, {"D": 1}, {"D": 33}]


def inputs(rng, B, L, D):
    g = -rng.exponential(0.3, (B, L, D))
    return {"x": (1 - np.exp(g)) * silu(rng.normal(0, 1, (B, L, D))), "g": g}


def forward(inputs, parameters, D):
    x, g = inputs["x"], np.cumsum(inputs["g"], 1)
    steps = np.arange(x.shape[1])
    causal = (steps[:, None] >= steps)[..., None]
    decay = np.exp(np.where(causal, g[:, :, None] - g[:, None], -np.inf))
    return [np.einsum("btsd,bsd->btd", decay, x)]


def goldens(load):
    for file in ("hgrn_rec", "hgrn_chunk"):
        d = load(file)
        yield Golden(file, {"D": 11}, {"x": d["x"], "g": d["g"]}, {}, [d["out_o"]],
                     {"op0.recurrent": d["initial_state"]},
                     {"op0.recurrent": d["out_final_state"]})
