"""LSSL with HiPPO matrices (catalog A, CORE-1, CORE-2, LSSL): bilinear, then
Krylov kernel k[l] = C A^l B and causal convolution. Results: y = k * u + D u, and
Linear(GELU(y)). The sizes say which measure made the parameters."""
import numpy as np

from harness import Golden
from harness.lti import (causal, dense_bilinear, gelu, hippo, impulse, nplr,
                         rank_correction)

SIZES = {"H": 2, "N": 4, "measure": "legs"}
AWKWARD = [{"H": 5, "N": 6, "measure": "legt"}, {"H": 3, "N": 8, "measure": "fout"},
           {"H": 1, "N": 1, "measure": "legs"}]


def parameters(rng, H, N, measure):
    dts = np.exp(rng.uniform(np.log(0.01), np.log(0.1), H))
    A, B = zip(*[dense_bilinear(*hippo(measure, N), dt) for dt in dts])
    return {"A": np.array(A), "B": np.array(B), "C": rng.normal(0, 1, (H, N)),
            "D": rng.normal(0, 1, H), "w_out": rng.normal(0, H**-0.5, (H, H)),
            "b_out": rng.normal(0, 0.1, H)}


def inputs(rng, B, L, H, **sizes):
    return {"u": rng.normal(0, 1, (B, L, H))}


def forward(inputs, parameters, H, N, measure):
    p, u = parameters, inputs["u"]
    K, x = np.empty((H, u.shape[1])), p["B"]
    for l in range(u.shape[1]):
        K[:, l] = (p["C"] * x).sum(-1)
        x = np.einsum("hnm,hm->hn", p["A"], x)
    y = causal(K, u) + p["D"] * u
    return [y, gelu(y) @ p["w_out"].T + p["b_out"]]


# CORE-2, dt = 0.1, N = 4, C of ones; legt at paper scale is dt 0.2 at the code's.
KERNELS = {"legs": (0.1, [0.547052197739, 0.223439367527, 0.0639939291014, -0.00459941861201]),
           "legt": (0.2, [0.549883887164, 0.222445256044, 0.0575205040458, -0.00158348073864]),
           "fout": (0.1, [0.226295966439, 0.194320700699, 0.159938791684, 0.125168330605])}


def goldens(load):
    for measure, (dt, taps) in KERNELS.items():
        A, B = dense_bilinear(*hippo(measure, 4), dt)
        parameters = {"A": A[None], "B": B[None], "C": np.ones((1, 4)), "D": np.zeros(1),
                      "w_out": np.zeros((1, 1)), "b_out": np.zeros(1)}
        yield Golden(f"catalog A, CORE-2, {measure}", {"H": 1, "N": 4, "measure": measure},
                     {"u": impulse(1, 4)}, parameters, [np.array(taps)[None, :, None], None])
    d = load("krylov_dense")
    H, N = d["b"].shape
    parameters = {"A": d["A"], "B": d["b"], "C": d["c"], "D": np.zeros(H),
                  "w_out": np.zeros((H, H)), "b_out": np.zeros(H)}
    yield Golden("krylov_dense", {"H": H, "N": N, "measure": ""},
                 {"u": impulse(*d["K"].shape)}, parameters, [d["K"].T[None], None])


def checks(load):
    """The initializations themselves. Eigenvectors have any phase; the code's fout
    corrections are rounded to float32."""
    d, half = load("hippo_transition"), load("hippo_nplr")
    for measure in ("legs", "legt", "fout"):
        bound = 1e-7 if measure == "fout" else 1e-14
        for N in (4, 6):
            A, B = hippo(measure, N)
            yield f"hippo_transition A {measure} {N}", A, d[f"A_{measure}_{N}"], 1e-14
            yield f"hippo_transition B {measure} {N}", B, d[f"B_{measure}_{N}"][:, 0], 1e-14
            yield (f"hippo_transition P {measure} {N}", rank_correction(measure, N),
                   d[f"P_{measure}_{N}"], bound)
        w, P, B, V = nplr(measure, 6)
        yield f"hippo_nplr w {measure}", w, half[f"{measure}_W"], bound
        yield f"hippo_nplr |P| {measure}", np.abs(P), np.abs(half[f"{measure}_P"]), bound
    s5 = load("s5_hippo_init")
    yield "s5_hippo_init Lambda", nplr("legs", 6)[0], s5["Lambda"][:3], 1e-14
    yield "s5_hippo_init A", hippo("legs", 6)[0], s5["A_hippo"], 1e-14
