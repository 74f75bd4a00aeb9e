"""BiGS layer (catalog A, 2.2 BiGS): h = LN(x); v = gelu(W_v h); f and b are
one-kernel systems of gelu(W_uf h) and, from the end, of gelu(W_ub h); c = (W_cf f)
(W_cb b); y = x + W_o (gelu(W_ol c) v). Plain Re over all poles; weight
C (e^{dt A} - 1) / A, made here."""
import numpy as np

from harness import layer_norm
from harness.lti import anticausal, causal, diagonal_kernel, gelu, pair, planar, zoh

SIZES = {"H": 4, "F": 6, "N": 3}
AWKWARD = [{"H": 7, "F": 5, "N": 9}]
CAUSAL = False


def parameters(rng, H, F, N):
    p = {"norm.weight": rng.normal(1, 0.1, H), "norm.bias": rng.normal(0, 0.1, H)}
    for name, rows, columns in [("in", F + 2 * H, H), ("cf", H, H), ("cb", H, H),
                                ("ol", F, H), ("o", H, F)]:
        p[f"{name}.weight"] = rng.normal(0, columns**-0.5, (rows, columns))
        p[f"{name}.bias"] = rng.normal(0, 0.1, rows)
    for direction in "fb":
        A = -0.5 + 1j * np.pi * np.arange(N)
        decay, gain = zoh(A, np.exp(rng.uniform(np.log(0.01), np.log(0.3))))
        C = rng.normal(0, 1, N) + 1j * rng.normal(0, 1, N)
        p.update({**planar(f"{direction}.decay", np.tile(decay, (H, 1))),
                  **planar(f"{direction}.weight", np.tile(C * gain, (H, 1))),
                  f"{direction}.D": np.full(H, rng.normal())})
    return p


def inputs(rng, B, L, H, **sizes):
    return {"x": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, F, N):
    p, x = parameters, inputs["x"]

    def linear(name, x):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    h = layer_norm(x, p["norm.weight"], p["norm.bias"], eps=1e-12)
    v, u_f, u_b = np.split(gelu(linear("in", h)), [F, F + H], axis=-1)
    product = 1
    for direction, u, convolve in [("f", u_f, causal), ("b", u_b, anticausal)]:
        kernel = diagonal_kernel(pair(p, f"{direction}.weight"), pair(p, f"{direction}.decay"),
                                 x.shape[1]).real
        y = convolve(kernel, u) + p[f"{direction}.D"] * u
        product = product * linear(f"c{direction}", y)
    return [x + linear("o", gelu(linear("ol", product)) * v)]
