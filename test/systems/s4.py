"""S4 (catalog A, CORE-1, CORE-4, S4), from the dense N x N system: bilinear
discretization of diag(w, w*) - P P*, K[l] = C A^l B. Results: y, and the block's
GELU, linear layer and gate of it. C is the plain one."""
import numpy as np

from harness import Golden, sigmoid
from harness.lti import causal, dense_bilinear, gelu, impulse, nplr, pair, planar

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 9, "N": 4}, {"H": 1, "N": 1}]


def parameters(rng, H, N):
    w, P, B, V = nplr("legs", 2 * N)
    return {"log_dt": rng.uniform(np.log(1e-2), np.log(0.1), H),
            "log_A_real": np.log(-np.tile(w.real, (H, 1))), "w_im": np.tile(w.imag, (H, 1)),
            **planar("P", np.tile(P, (H, 1))), **planar("B", np.tile(B, (H, 1))),
            **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
            "D": rng.normal(0, 1, H),
            "output_linear.weight": rng.normal(0, H**-0.5, (2 * H, H)),
            "output_linear.bias": rng.normal(0, 0.1, 2 * H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def kernel(p, h, length):
    """Of channel h, over both halves of each pair."""
    def full(name):
        half = pair(p, name)[h]
        return np.concatenate([half, half.conj()])

    half = -np.exp(p["log_A_real"][h]) + 1j * p["w_im"][h]
    P = full("P")
    A = np.diag(np.concatenate([half, half.conj()])) - np.outer(P, P.conj())
    A, x = dense_bilinear(A, full("B"), np.exp(p["log_dt"][h]))
    taps = np.empty(length)
    for l in range(length):
        taps[l] = (full("C") @ x).real
        x = A @ x
    return taps


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    K = np.array([kernel(p, h, u.shape[1]) for h in range(H)])
    y = causal(K, u) + p["D"] * u
    halves = gelu(y) @ p["output_linear.weight"].T + p["output_linear.bias"]
    return [y, halves[..., :H] * sigmoid(halves[..., H:])]


def official(d, channel=0):
    """Of the reference code, rank 1, whose l_kernel is 0: C is the plain one."""
    H, N = d["p.A_real"].shape

    def complex_of(name):
        values = d[f"p.{name}"]
        return np.broadcast_to((values[..., 0] + 1j * values[..., 1])[0], (H, N))

    C = (d["p.C"][..., 0] + 1j * d["p.C"][..., 1])[channel]
    return {"H": H, "N": N}, {
        "log_dt": d["p.inv_dt"][:, 0], "log_A_real": d["p.A_real"], "w_im": -d["p.A_imag"],
        **planar("P", complex_of("P")), **planar("B", complex_of("B")), **planar("C", C),
        "D": np.zeros(H), "output_linear.weight": np.zeros((2 * H, H)),
        "output_linear.bias": np.zeros(2 * H)}


def goldens(load):
    for name in ("legs", "legs_L12", "legs_deterministic", "legs_linear", "fout"):
        d = load(f"s4_kernel_s4_{name}")
        K = d["K"][0]
        yield Golden(f"s4_kernel_s4_{name}", *official_first(d, impulse(*K.shape)),
                     [K.T[None], None])
        steps = d["y_step_linear" if "linear" in name else "y_step_dense"]
        yield Golden(f"s4_kernel_s4_{name} by steps",
                     *official_first(d, np.moveaxis(d["u"], -1, 1)),
                     [np.moveaxis(steps[:, 0], -1, 1), None])
    d = load("s4_kernel_s4_legs_ch2")
    for channel in range(2):
        sizes, parameters = official(d, channel)
        K = d["K"][channel]
        yield Golden("s4_kernel_s4_legs_ch2", sizes, {"u": impulse(*K.shape)}, parameters,
                     [K.T[None], None])
    d = load("s4_block_dplr_glu")
    sizes, parameters = official({key.replace("p.layer.kernel.", "p."): value
                                  for key, value in d.items()})
    parameters.update({"D": d["p.layer.D"][0],
                       "output_linear.weight": d["p.output_linear.0.weight"],
                       "output_linear.bias": d["p.output_linear.0.bias"]})
    yield Golden("s4_block_dplr_glu", sizes, {"u": d["u"]}, parameters, [None, d["y"]])


def official_first(d, u):
    sizes, parameters = official(d)
    return sizes, {"u": u}, parameters
