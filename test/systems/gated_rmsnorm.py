"""The gated RMS norm (catalog B, 1.5), gate last: (RMS_g(x) w + b) silu(z), where RMS_g
divides each of G groups of channels by its root mean square."""
from harness import Golden, rms_norm, silu

SIZES = {"D": 12, "G": 3}
AWKWARD = [{"D": 5, "G": 1}, {"D": 18, "G": 9}]
CAUSAL = False  # it is, but there is no state that calls could carry


def parameters(rng, D, G):
    return {"weight": rng.normal(1, 0.1, D), "bias": rng.normal(0, 0.1, D)}


def inputs(rng, B, L, D, G):
    return {name: rng.normal(0, 1, (B, L, D)) for name in "xz"}


def grouped(x, G):
    return rms_norm(x.reshape(*x.shape[:2], G, x.shape[2] // G)).reshape(x.shape)


def forward(inputs, parameters, D, G):
    normed = grouped(inputs["x"], G) * parameters["weight"] + parameters["bias"]
    return [normed * silu(inputs["z"])]


def golden(load, field):
    """`field` has the size of a group, or None for the whole width."""
    d = load("gated_rmsnorm")
    size = field.split("_")[1][1:]
    sizes = {"D": 12, "G": 1 if size == "None" else 12 // int(size)}
    return Golden(f"gated_rmsnorm {field}", sizes, {name: d[name] for name in "xz"},
                  {name: d[name] for name in ("weight", "bias")}, [d[field]])


def goldens(load):
    for field in ("out_gNone_nbg1", "out_g4_nbg1", "out_g6_nbg1"):
        yield golden(load, field)
