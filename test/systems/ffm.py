"""Fast and Forgetful Memory (catalog A, 2.1 FFM). Results: the output, and the
memory as real and imaginary part."""
import numpy as np

from harness import Golden, layer_norm, sigmoid

SIZES = {"D": 5, "M": 3, "C": 2, "O": 4}
AWKWARD = [{"D": 2, "M": 5, "C": 7, "O": 3}]
# The norm of the output divides by the spread of O numbers, which now and then is
# some tenth of their size.
TOLERANCE = 1e-4


def parameters(rng, D, M, C, O):
    return {"pre.weight": rng.normal(0, D**-0.5, (2 * M + 2 * O, D)),
            "pre.bias": rng.normal(0, 0.1, 2 * M + 2 * O),
            "a": -np.linspace(0.001, 0.5, M), "b": 2 * np.pi / np.linspace(2, 50, C),
            "mix.weight_re": rng.normal(0, 1, (O, M * C)),
            "mix.weight_im": rng.normal(0, 1, (O, M * C)), "mix.bias": rng.normal(0, 0.1, O)}


def inputs(rng, B, L, D, **sizes):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, D, M, C, O):
    p = parameters
    y, thru, gate = np.split(inputs["x"] @ p["pre.weight"].T + p["pre.bias"], [M, M + O], -1)
    in_gate, out_gate = np.split(sigmoid(gate), [M], -1)
    gamma = np.exp(p["a"][:, None] + 1j * p["b"])
    state = np.zeros((len(y), M, C), complex)
    memory = np.empty((*y.shape[:2], M, C), complex)
    for t in range(y.shape[1]):
        state = gamma * state + (y * in_gate)[:, t, :, None]
        memory[:, t] = state
    flat = memory.reshape(*y.shape[:2], M * C)
    # mix acts on (m, c, {re, im}), here as two matrices.
    z = flat.real @ p["mix.weight_re"].T + flat.imag @ p["mix.weight_im"].T + p["mix.bias"]
    return [layer_norm(z) * out_gate + thru * (1 - out_gate), flat.real, flat.imag]


def goldens(load):
    """The vector is of the memory alone: a linear layer that copies the input,
    with its gate open, feeds it. exp(-40) is what the gate still loses."""
    d = load("ffm_ffa")
    M, C, O = 4, 3, 2
    weight = np.zeros((2 * M + 2 * O, M))
    weight[:M] = np.eye(M)
    bias = np.zeros(2 * M + 2 * O)
    bias[M + O:M + O + M] = 40
    parameters = {"pre.weight": weight, "pre.bias": bias, "a": d["p.a"].ravel(),
                  "b": d["p.b"].ravel(), "mix.weight_re": np.ones((O, M * C)),
                  "mix.weight_im": np.ones((O, M * C)), "mix.bias": np.zeros(O)}
    memory = d["memory"].reshape(*d["x"].shape[:2], M * C)
    initial = {"op0.real": d["s0"][:, 0].real, "op0.imaginary": d["s0"][:, 0].imag}
    yield Golden("ffm_ffa", {"D": M, "M": M, "C": C, "O": O}, {"x": d["x"]}, parameters,
                 [None, memory.real, memory.imag], initial)
