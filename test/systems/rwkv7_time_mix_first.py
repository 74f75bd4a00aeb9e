"""RWKV-7's time mix in the first layer (catalog C, 1.B "RWKV-7"): that of the others
without a share of the first layer's values, which it gives as its second result.
"""
import rwkv7_time_mix
from harness import Golden
from rwkv7_time_mix import AWKWARD, OF_VECTORS, SHARE, SIZES, mix, vector  # noqa: F401


def parameters(rng, **sizes):
    drawn = rwkv7_time_mix.parameters(rng, **sizes)
    return {name: array for name, array in drawn.items() if name not in SHARE}


def inputs(rng, B, L, D, **sizes):
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
