"""Mamba-3 MIMO (catalog B, 2, step form) on rotated keys and queries of rank R:
v_r = x mimo_v_r; S <- alpha S + beta sum v'_r k'_r + gamma sum v_r k_r, primes of the
step before; y = sum_r (S q_r + D v_r) silu(z mimo_z_r) mimo_o_r."""
import numpy as np

from harness import Golden, sigmoid, silu
from mamba3 import rotate

SIZES = {"H": 3, "P": 5, "N": 4, "R": 2}
AWKWARD = [{"H": 2, "P": 2, "N": 7, "R": 3}, {"H": 1, "P": 3, "N": 5, "R": 1}]
MIMO = ("mimo_v", "mimo_z", "mimo_o")


def parameters(rng, H, P, N, R):
    return {**{name: rng.normal(1, 0.3, (H, R, P)) for name in MIMO}, "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, P, N, R):
    dt = np.exp(rng.uniform(np.log(1e-3), np.log(0.3), (B, L, H)))
    return {"Q": rng.normal(0, 1, (B, L, H, R, N)), "K": rng.normal(0, 1, (B, L, H, R, N)),
            "V": rng.normal(0, 1, (B, L, H, P)), "Z": rng.normal(0, 1, (B, L, H, P)),
            "ADT": -dt * rng.uniform(0.1, 4, (B, L, H)), "DT": dt,
            "trap": sigmoid(rng.normal(0, 1, (B, L, H)))}


def forward(inputs, parameters, H, P, N, R):
    x = inputs
    for_v, for_z, for_o = (parameters[name] for name in MIMO)
    state = np.zeros((len(x["V"]), H, P, N))
    written = np.zeros_like(state)  # by the step before
    y = np.empty_like(x["V"])
    for t in range(y.shape[1]):
        alpha, dt, trap = (x[name][:, t, :, None, None] for name in ("ADT", "DT", "trap"))
        alpha = np.exp(alpha)
        v = x["V"][:, t, :, None] * for_v
        write = np.einsum("bhrp,bhrn->bhpn", v, x["K"][:, t])
        state = alpha * state + (1 - trap) * dt * alpha * written + trap * dt * write
        written = write
        read = np.einsum("bhpn,bhrn->bhrp", state, x["Q"][:, t])
        read = (read + parameters["D"][:, None, None] * v) * silu(x["Z"][:, t, :, None] * for_z)
        y[:, t] = (read * for_o).sum(2)
    return [y]


STATES = ("op0.recurrent", "op0.key", "op0.value")


def goldens(load):
    yield step_golden(load("mamba3_step_fused_ref"))
    d = load("mamba3_mimo")
    sizes = {"H": 3, "P": 5, "N": 8, "R": 2}
    parameters = {name: d[name] for name in (*MIMO, "D")}
    dt, ADT, trap = (d[name].swapaxes(1, 2) for name in ("dt", "ADT", "trap"))
    turn = np.cumsum(np.pi * np.tanh(d["angles"]) * dt[..., None], axis=1)

    def turned(name, start):
        biased = d[name].swapaxes(2, 3) + d[f"{name}_bias"]  # there one group for all heads
        angle = np.repeat((turn + start[:, None])[:, :, :, None], 2, axis=3)
        return rotate(biased, angle)

    for suffix, start in (("", np.zeros_like(d["init_0"])), ("_init", d["init_0"])):
        inputs = {"Q": turned("q", start), "K": turned("k", start), "V": d["v"], "Z": d["z"],
                  "ADT": ADT, "DT": dt, "trap": sigmoid(trap)}
        states = {}
        if suffix:
            states["initial"] = {name: d[f"init_{i}"] for i, name in enumerate(STATES, 1)}
            states["final"] = {name: d[f"final_step_init_{i}"] for i, name in enumerate(STATES, 1)}
        yield Golden(f"mamba3_mimo{suffix}", sizes, inputs, parameters, [d[f"out_step{suffix}"]],
                     **states)


def step_golden(d):
    """One step from a state, whose value is not scaled by mimo_v."""
    scales = {ours: d[theirs].swapaxes(0, 1)
              for ours, theirs in zip(MIMO, ("xproj", "zproj", "outproj"))}
    keys = {name: d[name].swapaxes(1, 2) for name in ("B", "C", "B_state")}
    inputs = {"Q": keys["C"], "K": keys["B"], "V": d["x"], "Z": d["z"],
              "ADT": d["A"] * d["dt"], "DT": d["dt"], "trap": d["trap"]}
    initial = (d["state"], keys["B_state"], d["x_state"][:, :, None] * scales["mimo_v"])
    return Golden("mamba3_step_fused_ref", SIZES, {name: x[:, None] for name, x in inputs.items()},
                  {**scales, "D": d["D"]}, [d["out"][:, None]], dict(zip(STATES, initial)),
                  {"op0.recurrent": d["new_state"]})
