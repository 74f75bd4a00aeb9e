"""S4D, zero-order hold (catalog A, CORE-1, CORE-3, CORE-10, S4D), by its kernel
K[l] = 2 Re sum_n C (e^{dt a} - 1)/a e^{dt a l}. Results: y = K * u + D u, and the
block's GELU, linear layer and gate of it."""
import numpy as np

from harness import Golden, sigmoid, softplus
from harness.lti import causal, diagonal_kernel, gelu, impulse, pair, planar, zoh

SIZES = {"H": 2, "N": 3}
AWKWARD = [{"H": 17, "N": 4}, {"H": 1, "N": 1}]


def parameters(rng, H, N):
    return {"log_dt": rng.uniform(np.log(1e-3), np.log(0.1), H),
            "log_A_real": np.full((H, N), np.log(0.5)),
            "A_im": np.tile(np.pi * np.arange(N), (H, 1)),
            **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
            "D": rng.normal(0, 1, H),
            "output_linear.weight": rng.normal(0, H**-0.5, (2 * H, H)),
            "output_linear.bias": rng.normal(0, 0.1, 2 * H)}


def inputs(rng, B, L, H, N):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N):
    p, u = parameters, inputs["u"]
    a = -np.exp(p["log_A_real"]) + 1j * p["A_im"]
    decay, gain = zoh(a, np.exp(p["log_dt"])[:, None])
    kernel = 2 * diagonal_kernel(pair(p, "C") * gain, decay, u.shape[1]).real
    y = causal(kernel, u) + p["D"] * u
    halves = gelu(y) @ p["output_linear.weight"].T + p["output_linear.bias"]
    return [y, halves[..., :H] * sigmoid(halves[..., H:])]


def official(d):
    """Sizes and parameters of a kernel of the full implementation, which has
    Im a = -A_imag, weight B C, one channel, and maps of its own."""
    C = (d["p.C"][..., 0] + 1j * d["p.C"][..., 1])[0]
    C = C * (d["p.B"][..., 0] + 1j * d["p.B"][..., 1])[0]
    H, N = C.shape
    return {"H": H, "N": N}, {
        "log_dt": d["p.inv_dt"][:, 0], "log_A_real": np.broadcast_to(d["p.A_real"], (H, N)),
        "A_im": -np.broadcast_to(d["p.A_imag"], (H, N)), **planar("C", C), "D": np.zeros(H),
        "output_linear.weight": np.zeros((2 * H, H)), "output_linear.bias": np.zeros(2 * H)}


def goldens(load):
    for name in ("legs", "inv_L37", "softplus_nssm1"):
        d = load(f"s4_kernel_s4d_zoh_{name}")
        sizes, parameters = official(d)
        if "softplus" in name:
            for weight in ("log_dt", "log_A_real"):
                parameters[weight] = np.log(softplus(parameters[weight]))
        K = d["K"][0]
        yield Golden(f"s4_kernel_s4d_zoh_{name}", sizes, {"u": impulse(*K.shape)}, parameters,
                     [K.T[None], None])
        yield Golden(f"s4_kernel_s4d_zoh_{name} by steps", sizes,
                     {"u": np.moveaxis(d["u"], -1, 1)}, parameters,
                     [np.moveaxis(d["y_step_diag"][:, 0], -1, 1), None])
    for name in ("deterministic", "bandlimit"):
        d = load(f"s4_kernel_s4d_{name}")
        sizes, parameters = official(d)
        K = d["K"][0]
        yield Golden(f"s4_kernel_s4d_{name}", sizes, {"u": impulse(*K.shape)}, parameters,
                     [K.T[None], None])
    d = load("s4_kernel_s4d_real_ema")  # real poles count twice as well
    H, N = d["p.A_real"].shape
    sizes, parameters = {"H": H, "N": N}, {
        "log_dt": d["p.inv_dt"][:, 0], "log_A_real": d["p.A_real"], "A_im": np.zeros((H, N)),
        **planar("C", d["p.C"][0] * d["p.B"][0] + 0j), "D": np.zeros(H),
        "output_linear.weight": np.zeros((2 * H, H)), "output_linear.bias": np.zeros(2 * H)}
    K = d["K"][0]
    yield Golden("s4_kernel_s4d_real_ema", sizes, {"u": impulse(*K.shape)}, parameters,
                 [K.T[None], None])
    d = load("s4d_minimal")
    H, N = d["p.kernel.A_imag"].shape
    parameters = {"log_dt": d["p.kernel.log_dt"], "log_A_real": d["p.kernel.log_A_real"],
                  "A_im": d["p.kernel.A_imag"],
                  **planar("C", d["p.kernel.C"][..., 0] + 1j * d["p.kernel.C"][..., 1]),
                  "D": d["p.D"], "output_linear.weight": d["p.output_linear.0.weight"][..., 0],
                  "output_linear.bias": d["p.output_linear.0.bias"]}
    yield Golden("s4d_minimal", {"H": H, "N": N}, {"u": np.moveaxis(d["u"], -1, 1)}, parameters,
                 [None, np.moveaxis(d["y"], -1, 1)])
    d = load("s4_block_diag_glu")
    layer = {key.replace("p.layer.kernel.", "p."): value for key, value in d.items()}
    sizes, parameters = official(layer)
    parameters.update({"D": d["p.layer.D"][0],
                       "output_linear.weight": d["p.output_linear.0.weight"],
                       "output_linear.bias": d["p.output_linear.0.bias"]})
    yield Golden("s4_block_diag_glu", sizes, {"u": d["u"]}, parameters, [None, d["y"]])
