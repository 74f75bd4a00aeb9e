"""SpaceTime (catalog A, 2.3 SpaceTime) by the convolution; the reference of
spacetime.py, for sequences of at most T steps."""
import dataclasses

import spacetime

SIZES = {"K": 2, "R": 2, "N": 3, "T": 130}
AWKWARD = [{"K": 3, "R": 5, "N": 8, "T": 130}]


def without_constants(parameters):
    return {name: parameters[name] for name in ("a", "b", "c", "skip")}


def parameters(rng, K, R, N, T):
    return without_constants(spacetime.parameters(rng, K, R, N))


def inputs(rng, B, L, K, R, N, T):
    return spacetime.inputs(rng, B, L, K, R, N)


def forward(inputs, parameters, K, R, N, T):
    return spacetime.forward(inputs, parameters, K, R, N)


def goldens(load):
    for golden in spacetime.goldens(load):
        yield dataclasses.replace(golden, sizes={**golden.sizes, "T": 13},
                                  parameters=without_constants(golden.parameters))
