"""sLSTM's cell (catalog C, "sLSTM (xLSTM)"): exponential gates stabilized by m, a
normalizer n, and a recurrent matrix per head and gate.
"""
import numpy as np

from harness import Golden, sigmoid

SIZES = {"H": 2, "D": 4}
AWKWARD = [{"H": 3, "D": 5}, {"H": 1, "D": 1}]


def parameters(rng, H, D):
    return {"R": rng.normal(0, D**-0.5, (H, 4 * D, D)), "b": rng.normal(0, 1, (H, 4 * D))}


def inputs(rng, B, L, H, D):
    return {"x": rng.normal(0, 2, (B, L, H, 4 * D))}


def gates(x, y, parameters):
    """i, f, z and o of one step, each [B, H, D]."""
    u = np.einsum("hgd,bhd->bhg", parameters["R"], y) + parameters["b"]
    return np.split(x + u, 4, axis=-1)


def forward(inputs, parameters, H, D):
    x = inputs["x"]
    y = c = n = m = np.zeros((x.shape[0], H, D))
    out = np.empty((*x.shape[:3], D))
    for t in range(x.shape[1]):
        i, f, z, o = gates(x[:, t], y, parameters)
        kept = m - np.logaddexp(0, -f)
        m = i if t == 0 else np.maximum(kept, i)
        forget, write = np.minimum(np.exp(kept - m), 1), np.minimum(np.exp(i - m), 1)
        c = forget * c + write * np.tanh(z)
        n = forget * n + write
        y = out[:, t] = sigmoid(o) * c / n
    return [out]


def goldens(load):
    for file in ("slstm", "slstm_init"):
        yield cell_golden(load, file, ("hidden", "cell", "normalizer", "stabilizer"))


def cell_golden(load, file, states):
    """There gates lie one after the other in x and b, and heads in all else."""
    d = load(file)
    T, B, H, D = *d["x"].shape[:2], *d["R"].shape[::2]

    def heads_first(gates):
        return gates.reshape(-1, 4, H, D).swapaxes(1, 2)

    x = heads_first(d["x"]).reshape(T, B, H, 4 * D).swapaxes(0, 1)
    weights = {"R": d["R"], "b": heads_first(d["b"]).reshape(H, 4 * D)}
    out = d["out_states_all"][0, 1:].reshape(T, B, H, D).swapaxes(0, 1)
    initial = {f"op0.{name}": s.reshape(B, H, D) for name, s in zip(states, d["states"])}
    final = {f"op0.{name}": s.reshape(B, H, D) for name, s in zip(states, d["out_last_states"])}
    return Golden(file, {"H": H, "D": D}, {"x": x}, weights, [out], initial, final)
