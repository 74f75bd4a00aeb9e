"""S4 (catalog A, CORE-1, CORE-4, S4) by the convolution; the reference of s4.py,
for sequences of at most K steps."""
import dataclasses

import s4

SIZES = {"H": 2, "N": 3, "K": 130}
AWKWARD = [{"H": 9, "N": 4, "K": 130}]


def ranked(parameters):
    """The one vector P of s4.py as a matrix of rank one."""
    return {name: value[:, None] if name in ("P_re", "P_im") else value
            for name, value in parameters.items()}


def parameters(rng, H, N, K):
    return ranked(s4.parameters(rng, H, N))


def inputs(rng, B, L, H, N, K):
    return s4.inputs(rng, B, L, H, N)


def forward(inputs, parameters, H, N, K):
    vectors = {name: parameters[name][:, 0] for name in ("P_re", "P_im")}
    return s4.forward(inputs, {**parameters, **vectors}, H, N)


def goldens(load):
    for golden in s4.goldens(load):
        yield dataclasses.replace(golden, sizes={**golden.sizes, "K": 13},
                                  parameters=ranked(golden.parameters))
