"""VMamba's SS2D core (catalog B, 1.7): scans of the raster order, the column order
(index w H + h) and both reversed; outputs back in raster order, summed."""
import numpy as np

from harness import Golden
from harness.selective import selective_scan

SIZES = {"H": 3, "W": 5, "L": 15, "D": 3, "N": 4}
AWKWARD = [{"H": 9, "W": 8, "L": 72, "D": 5, "N": 1}, {"H": 4, "W": 1, "L": 4, "D": 2, "N": 2}]
CAUSAL = False


def parameters(rng, H, W, L, D, N):
    p = {}
    for k in range(4):
        p.update({f"A.{k}": -np.exp(rng.normal(0, 1, (D, N))), f"D.{k}": rng.normal(0, 1, D),
                  f"delta_bias.{k}": rng.normal(-2, 1, D)})
    return p


def inputs(rng, B, length, H, W, L, D, N):
    shapes = {"x": D, "deltas": 4 * D, "Bs": 4 * N, "Cs": 4 * N}
    return {name: rng.normal(0, 1, (B, length, size)) for name, size in shapes.items()}


def forward(inputs, parameters, H, W, L, D, N):
    p = parameters
    deltas, Bs, Cs = (np.split(inputs[name], 4, axis=-1) for name in ("deltas", "Bs", "Cs"))
    cells = np.arange(L).reshape(H, W)
    orders = [cells.ravel(), cells.T.ravel()]
    orders += [order[::-1] for order in orders]
    y = np.zeros_like(inputs["x"])
    for k, order in enumerate(orders):
        y[:, order] += selective_scan(inputs["x"][:, order], deltas[k], p[f"A.{k}"], Bs[k], Cs[k],
                                      p[f"D.{k}"], bias=p[f"delta_bias.{k}"])
    return [y]


def goldens(load):
    d = load("vmamba_ss2d")
    batch = len(d["x"])

    def joined(name):  # [B, 4, N, L] to [B, L, 4 N]
        return d[name].reshape(batch, -1, 15).swapaxes(1, 2)

    parameters = {}
    for name, ours in [("A", "A"), ("Ds", "D"), ("delta_bias", "delta_bias")]:
        parameters.update({f"{ours}.{k}": part for k, part in enumerate(np.split(d[name], 4))})
    yield Golden("vmamba_ss2d", SIZES,
                 {"x": d["x"].reshape(batch, 3, 15).swapaxes(1, 2), "deltas": joined("dts"),
                  "Bs": joined("Bs"), "Cs": joined("Cs")}, parameters,
                 [d["y_merged"].swapaxes(1, 2)])
