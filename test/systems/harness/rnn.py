"""Recurrent networks in PyTorch's layout (catalog C, section 2, "RNN / LSTM / GRU").

A cell is a function step(a, u, states) -> states, with a = W x + b and u = U h + c
for all its gates, where h, the first state, is the output. A system's weights are
W, U, b and c."""
import numpy as np

from harness import Golden


def run(step, x, states, p):
    a = x @ p["W"].T + p["b"]
    y = np.empty((*x.shape[:2], p["U"].shape[1]))
    for t in range(x.shape[1]):
        states = step(a[:, t], states[0] @ p["U"].T + p["c"], states)
        y[:, t] = states[0]
    return y


def weights(rng, gates, D, H):
    shapes = {"W": (gates * H, D), "U": (gates * H, H), "b": (gates * H,), "c": (gates * H,)}
    return {name: rng.normal(0, H**-0.5, shape) for name, shape in shapes.items()}


def vector_weights(d, suffix="_l0"):
    fields = {"W": "weight_ih", "U": "weight_hh", "b": "bias_ih", "c": "bias_hh"}
    return {name: d[field + suffix] for name, field in fields.items()}


def golden(load, file, state_names):
    """Of one layer; `state_names` gives the module's name of h and of c."""
    d = load(file)
    sizes = {"D": d["x"].shape[-1], "H": d["out_o"].shape[-1]}
    initial = {f"op0.{ours}": d[f"{name}0"][0] for name, ours in state_names.items()}
    final = {f"op0.{ours}": d[f"out_{name}_n"][0] for name, ours in state_names.items()}
    return Golden(file, sizes, {"x": d["x"]}, vector_weights(d), [d["out_o"]], initial, final)


RUNS = ("0f", "0b", "1f", "1b")  # layer, direction


class Bidirectional:
    """Two layers of a cell in both directions. Layer 1 reads both directions of layer
    0, by the halves Wf and Wb of W. Initial states are arguments, named by `states`
    and the run, as vectors have h0 and c0."""

    def __init__(self, step, gates, states):
        self.step, self.gates, self.states = step, gates, states
        self.initial = [state + run for state in states for run in RUNS]

    def parameters(self, rng, D, H):
        p = {}
        for name in RUNS:
            p.update(self._named(name, weights(rng, self.gates, D if name[0] == "0" else 2 * H, H)))
        return p

    @staticmethod
    def _named(run, p):
        if run[0] == "1":
            p["Wf"], p["Wb"] = np.split(p.pop("W"), 2, axis=1)
        return {name + run: array for name, array in p.items()}

    def inputs(self, rng, B, L, D, H):
        return {"x": rng.normal(0, 1, (B, L, D)),
                **{name: rng.normal(0, 1, (B, H)) for name in self.initial}}

    def forward(self, inputs, parameters, D, H):
        def layer(x, name):
            p = {key[:-2]: array for key, array in parameters.items() if key.endswith(name)}
            if "Wf" in p:
                p["W"] = np.hstack([p["Wf"], p["Wb"]])
            order = -1 if name[1] == "b" else 1
            start = [inputs[state + name] for state in self.states]
            return run(self.step, x[:, ::order], start, p)[:, ::order]

        x = inputs["x"]
        x = np.concatenate([layer(x, "0f"), layer(x, "0b")], axis=-1)
        return [layer(x, "1f"), layer(x, "1b")]

    def golden(self, load, file):
        d = load(file)
        inputs, p = {"x": d["x"]}, {}
        for name in self.initial:
            inputs[name] = d[f"{name[0]}0"][RUNS.index(name[-2:])]
        for name in RUNS:
            suffix = f"_l{name[0]}" + ("_reverse" if name[1] == "b" else "")
            p.update(self._named(name, vector_weights(d, suffix)))
        outputs = np.split(d["out_o"], 2, axis=-1)
        sizes = {"D": d["x"].shape[-1], "H": outputs[0].shape[-1]}
        return Golden(file, sizes, inputs, p, outputs)
