"""S4's kernel by Cauchy sums (catalog A, CORE-4, S4): at the nodes z_m = 2 (1 - w_m) /
(1 + w_m), w_m = e^{-2 pi i m / 13}, K^_m = 2 / (1 + w_m) (r_CB - r_CP (1 + r_QP)^-1
r_QB), K = irfft(K^). The parameter C is C (I - A^13)."""
import numpy as np

from harness import Golden
from harness.lti import causal, impulse, nplr, pair, planar

SIZES = {"H": 2, "R": 1, "N": 3, "measure": "legs"}
AWKWARD = [{"H": 5, "R": 2, "N": 4, "measure": "legt"}]
LENGTHS = [1, 2, 7, 13]
NODES = 13


def parameters(rng, H, R, N, measure):
    w, P, B, V = nplr(measure, 2 * N)
    w = np.where(np.abs(w.real) < 1e-4, -1e-4, w.real) + 1j * w.imag
    return {"log_dt": rng.uniform(np.log(1e-2), np.log(0.1), H),
            "log_A_real": np.log(-np.tile(w.real, (H, 1))), "w_im": np.tile(w.imag, (H, 1)),
            **planar("P", np.tile(P, (H, 1, 1))), **planar("B", np.tile(B, (H, 1))),
            **planar("C", rng.normal(0, 1, (H, N)) + 1j * rng.normal(0, 1, (H, N))),
            "D": rng.normal(0, 1, H)}


def inputs(rng, B, L, H, **sizes):
    return {"u": rng.normal(0, 1, (B, L, H))}


def kernel(p, h):
    dt = np.exp(p["log_dt"][h])
    half = -np.exp(p["log_A_real"][h]) + 1j * p["w_im"][h]
    w = np.concatenate([half, half.conj()])
    omega = np.exp(-2j * np.pi * np.arange(NODES // 2 + 1) / NODES)
    z = 2 * (1 - omega) / (1 + omega)
    cauchy = dt / (z[:, None] - dt * w)

    def full(x):
        return np.concatenate([x, x.conj()], axis=-1)

    B, C, P = (full(pair(p, name)[h]) for name in "BCP")

    def r(x, y):
        return np.einsum("xn,mn,yn->mxy", np.atleast_2d(x), cauchy, np.atleast_2d(y))

    middle = np.linalg.inv(np.eye(len(P)) + r(P.conj(), P))
    spectrum = r(C, B) - r(C, P) @ middle @ r(P.conj(), B)
    return np.fft.irfft(2 / (1 + omega) * spectrum[:, 0, 0], NODES)


def forward(inputs, parameters, H, R, N, measure):
    p, u = parameters, inputs["u"]
    return [causal(np.array([kernel(p, h) for h in range(H)]), u) + p["D"] * u]


def goldens(load):
    for name in ("legs", "legs_deterministic", "legs_ch2", "legt_rank2", "fout"):
        d = load(f"s4_kernel_s4_{name}")
        H, N = d["p.A_real"].shape

        def complex_of(values):
            return values[..., 0] + 1j * values[..., 1]

        P = complex_of(d["p.P"]).swapaxes(0, 1)
        for channel, K in enumerate(d["K"]):
            parameters = {"log_dt": d["p.inv_dt"][:, 0], "log_A_real": d["p.A_real"],
                          "w_im": -d["p.A_imag"], **planar("P", P),
                          **planar("B", complex_of(d["p.B"])[0]),
                          **planar("C", complex_of(d["p1.C"])[channel]), "D": np.zeros(H)}
            yield Golden(f"s4_kernel_s4_{name}, channel {channel}",
                         {"H": H, "R": P.shape[1], "N": N, "measure": ""},
                         {"u": impulse(*K.shape)}, parameters, [K.T[None]])
