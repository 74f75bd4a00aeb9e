"""What the references of test/systems share, and the driver's parts.

A reference, test/systems/<name>.py, is NumPy in float64, written from the
literature's equations and never from the .mlir beside it. It defines

  SIZES       the sizes of the file as it stands, by symbol
  AWKWARD     further sizes, each a complete dictionary like SIZES
  inputs(rng, B, L, **sizes) -> {argument: array [B, L, ...]}, in order
  forward(inputs, parameters, **sizes) -> [result, ...]

and, where they apply,

  parameters(rng, **sizes) -> {weight: array}
  goldens(load) -> iterator of Golden; load(name) is the vector file `name`
  checks(load) -> iterator of (name, got, expected, bound), of the reference alone
  PACKED      {argument: function of the lengths of sequences packed into one
              row -> array [L, ...]}; where present, a packed row must give
              what its sequences give alone
  UNTIMED     names of inputs [B, ...], which have no axis of time
  CAUSAL      False for what has only a forward form; such a system's length
              is sizes["L"] if there is one
  LENGTHS     the lengths to run, where not every length is legal
  TOLERANCE   bound of compiled results instead of compare.FLOAT32_BOUND, with
              the reason in a comment
"""
import dataclasses

import numpy as np


@dataclasses.dataclass
class Golden:
    """A vector of other people's code. `outputs` are the results of @forward;
    None skips a result that the vector lacks. `initial` and `final` give states
    by their name in the state table (`ssmc --to=derive` lists `plan.state`)."""
    file: str
    sizes: dict
    inputs: dict
    parameters: dict
    outputs: list
    initial: dict = dataclasses.field(default_factory=dict)
    final: dict = dataclasses.field(default_factory=dict)
    tolerance: float = 1e-10  # of float64 results


def starts(lengths):
    """1 at the first step of each sequence, else 0: a PACKED reset input."""
    flags = np.zeros(sum(lengths))
    flags[np.cumsum([0, *lengths[:-1]])] = 1
    return flags


def positions(lengths):
    """Steps since the start of the sequence: a PACKED position input."""
    return np.concatenate([np.arange(length, dtype=float) for length in lengths])


def numbers(lengths):
    """The number of the sequence: a PACKED sequence-index input."""
    return np.repeat(np.arange(len(lengths), dtype=float), lengths)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def silu(x):
    return x * sigmoid(x)


def softplus(x):
    """With the threshold of the field."""
    return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20))))


def rms_norm(x, weight=1.0, eps=1e-5):
    return x / np.sqrt(np.mean(x**2, -1, keepdims=True) + eps) * weight


def layer_norm(x, weight=1.0, bias=0.0, eps=1e-5):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, -1, keepdims=True) + eps) * weight + bias
