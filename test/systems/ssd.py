"""SSD (catalog B, 1.4) by its recurrence, with every option but the limits of dt."""
import numpy as np

from harness import Golden, silu, softplus, starts

SIZES = {"H": 4, "P": 5, "G": 2, "N": 3}
AWKWARD = [{"H": 3, "P": 17, "G": 1, "N": 16}, {"H": 2, "P": 1, "G": 2, "N": 1}]
PACKED = {"reset": starts}


def parameters(rng, H, P, G, N):
    return {"A": -np.exp(rng.normal(0, 1, H)), "D": rng.normal(0, 1, (H, P)),
            "dt_bias": rng.normal(-2, 1, H)}


def inputs(rng, B, L, H, P, G, N):
    return {"x": rng.normal(0, 1, (B, L, H, P)), "dt": rng.normal(0, 1, (B, L, H)),
            "B": rng.normal(0, 1, (B, L, G, N)), "C": rng.normal(0, 1, (B, L, G, N)),
            "z": rng.normal(0, 1, (B, L, H, P)), "reset": (rng.random((B, L)) < 0.05) * 1.0}


def forward(inputs, parameters, H, P, G, N):
    p, x = parameters, inputs
    dt = softplus(x["dt"] + p["dt_bias"])
    B, C = (np.repeat(x[name], H // G, axis=2) for name in "BC")
    S = np.zeros((len(dt), H, P, N))
    y = np.empty_like(x["x"])
    for t in range(dt.shape[1]):
        kept = np.where(x["reset"][:, t] != 0, 0, 1)[:, None] * np.exp(dt[:, t] * p["A"])
        new = (dt[:, t, :, None] * x["x"][:, t])[..., None] * B[:, t, :, None]
        S = kept[..., None, None] * S + new
        y[:, t] = (S * C[:, t, :, None]).sum(-1) + p["D"] * x["x"][:, t]
    return [y * silu(x["z"])]


def goldens(load):
    """What a vector lacks is neutral: a gate of one, no skip, no bias; raw dt goes
    through the inverse of softplus."""
    def case(name, x, dt, B, C, A, outputs, d, **states):
        H, P = x.shape[2:]
        D = d.get("D", np.zeros(H))
        inputs = {"x": x, "dt": dt if "dt_bias" in d else np.log(np.expm1(dt)), "B": B, "C": C,
                  "z": d.get("z", np.full(x.shape, 1.2784645427610738)),  # silu is one
                  "reset": np.zeros(x.shape[:2])}
        parameters = {"A": A, "D": D if D.ndim == 2 else np.tile(D[:, None], P),
                      "dt_bias": d.get("dt_bias", np.zeros(H))}
        sizes = {"H": H, "P": P, "G": B.shape[2], "N": B.shape[3]}
        return Golden(name, sizes, inputs, parameters, outputs, **states)

    for name in ("ssd_g1", "ssd_g2_plain", "ssd_g3_D2_z"):
        d = load(name)
        yield case(name, d["x"], d["dt"], d["B"], d["C"], d["A"], [d["out_scan"]], d)
    d = load("ssd_minimal")  # x times dt, log decays per step: A = -1, dt = -log decay
    dt = -d["A"]
    yield case("ssd_minimal", d["X"] / dt[..., None], dt, d["B"], d["C"], -np.ones(3),
               [d["y_init"]], {}, initial={"op0.recurrent": d["initial_states"][:, 0]},
               final={"op0.recurrent": d["final_init"]})
    d = load("ssd_pieces")  # in chunks: dt [B, H, chunks, 4]
    B, L, H, P = d["x"].shape
    dt = d["dt"].reshape(B, H, L).swapaxes(1, 2)
    yield case("ssd_pieces", d["x"], dt, d["B"], d["C"], d["A"], [d["out"]], d,
               initial={"op0.recurrent": d["initial_states"].reshape(B, H, P, -1)},
               final={"op0.recurrent": d["final"].reshape(B, H, P, -1)})
