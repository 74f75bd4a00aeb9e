"""The Kalman filter of kalman_filter_vector.py, by its step form (catalog C, "Core KF"),
over packed sequences, each of which starts at m_0 = 0, P_0 = 0.
"""
import numpy as np

import kalman_filter_vector as vector
from harness import starts
from kalman_filter_vector import parameters  # noqa: F401

SIZES = {"N": 3, "M": 2}
AWKWARD = [{"N": 3, "M": 5}, {"N": 3, "M": 1}]  # the module is written for three states
PACKED = {"start": starts}


def inputs(rng, B, L, N, M):
    return {**vector.inputs(rng, B, L, N, M), "start": np.zeros((B, L))}


def forward(inputs, parameters, N, M):
    """The rows of `start` are alike."""
    y, u, start = inputs.values()
    cuts = [0, *(np.flatnonzero(start[0][1:]) + 1 if start.size else []), y.shape[1]]
    parts = [vector.forward({"y": y[:, i:j], "u": u[:, i:j]}, parameters, N, M)
             for i, j in zip(cuts, cuts[1:])]
    return [np.concatenate(part, axis=1) for part in zip(*parts)]
