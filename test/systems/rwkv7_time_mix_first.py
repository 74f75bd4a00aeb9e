"""RWKV-7's time mix in the first layer (catalog C, 1.B "RWKV-7"): that of the others
without a share of the first layer's values, which it gives as its second result.
"""
from harness import Golden
from rwkv7_time_mix import mix, parameters, vector

SIZES = {"D": 12, "H": 3, "N": 4, "W": 4, "A": 4, "G": 4}
OF_VECTORS = {"D": 12, "H": 3, "N": 4, "W": 4, "A": 3, "G": 5}
AWKWARD = [{"D": 10, "H": 2, "N": 5, "W": 1, "A": 1, "G": 1}]


def inputs(rng, B, L, D, H, N, **ranks):
    return {"x": rng.normal(0, 1, (B, L, D))}


def forward(inputs, parameters, **sizes):
    return mix(inputs["x"], None, parameters, **sizes)


def goldens(load):
    d = load("rwkv7_mix_layer0_init")
    weights, initial, final = vector(d, first=True)
    outputs = [d["out_att"][None], d["out_v_first_out"][None]]
    # That code has 0.606531 for e^{-1/2}.
    inputs = {"x": d["x"][None]}
    yield Golden("rwkv7_mix_layer0_init", OF_VECTORS, inputs, weights, outputs, initial,
                 final, tolerance=1e-6)
