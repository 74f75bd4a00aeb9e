"""Comba (catalog C, "Variants of GD/KD"), trap: the error is read with p on the
decayed state, as FLA's recurrent reference does.
"""
from comba import ARGUMENTS, AWKWARD, SIZES, comba, inputs  # noqa: F401
from harness import vectors


def forward(inputs, parameters, H, K, V):
    return comba(inputs, decayed=True)


def goldens(load):
    yield from vectors.matrix_state(load, "comba_rec_init", ARGUMENTS)
