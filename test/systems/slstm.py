"""sLSTM's cell (catalog C, "sLSTM (xLSTM)"): exponential gates stabilized by m, a
normalizer n, and a recurrent matrix per head and gate.
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"H": 2, "D": 4}
AWKWARD = [{"H": 3, "D": 5}, {"H": 1, "D": 1}]


def parameters(rng, H, D):
    recurrent = {f"R_{gate}": rng.normal(0, D**-0.5, (H, D, D)) for gate in "ifzo"}
    return {**recurrent, **{f"b_{gate}": rng.normal(0, 1, (H, D)) for gate in "ifzo"}}


def inputs(rng, B, L, H, D):
    return {gate: rng.normal(0, 2, (B, L, H, D)) for gate in "ifzo"}


def forward(inputs, parameters, H, D):
    y = c = n = m = np.zeros((inputs["i"].shape[0], H, D))
    out = np.empty_like(inputs["i"])
    for t in range(out.shape[1]):
        i, f, z, o = (inputs[gate][:, t] + parameters[f"b_{gate}"]
                      + np.einsum("hdj,bhj->bhd", parameters[f"R_{gate}"], y) for gate in "ifzo")
        kept = m - np.logaddexp(0, -f)
        m = i if t == 0 else np.maximum(kept, i)
        forget, write = np.minimum(np.exp(kept - m), 1), np.minimum(np.exp(i - m), 1)
        c = forget * c + write * np.tanh(z)
        n = forget * n + write
        y = out[:, t] = sigmoid(o) * c / n
    return [out]


def goldens(load):
    for file in ("slstm", "slstm_init"):
        yield cell_golden(load, file, "ycnm")


def cell_golden(load, file, states):
    """Gates lie one after the other in x, b and R's rows, heads in all else."""
    d = load(file)
    T, B, H, D = *d["x"].shape[:2], *d["R"].shape[::2]
    x = d["x"].reshape(T, B, 4, H, D).transpose(2, 1, 0, 3, 4)
    R = d["R"].reshape(H, 4, D, D).swapaxes(0, 1)
    weights = {f"R_{gate}": rows for gate, rows in zip("ifzo", R)}
    weights.update({f"b_{gate}": b for gate, b in zip("ifzo", d["b"].reshape(4, H, D))})
    out = d["out_states_all"][0, 1:].reshape(T, B, H, D).swapaxes(0, 1)
    initial = {f"op0.{name}": s.reshape(B, H, D) for name, s in zip(states, d["states"])}
    final = {f"op0.{name}": s.reshape(B, H, D) for name, s in zip(states, d["out_last_states"])}
    return Golden(file, {"H": H, "D": D}, dict(zip("ifzo", x)), weights, [out], initial, final)
