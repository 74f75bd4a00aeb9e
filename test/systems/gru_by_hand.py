"""GRU with its step written out: the same system as gru, whose op must come to
the same arithmetic.
"""
from gru import AWKWARD, SIZES, forward, goldens, inputs, parameters  # noqa: F401
