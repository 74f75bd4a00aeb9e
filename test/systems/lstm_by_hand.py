"""LSTM with its step written out: the same system as lstm, whose op must come to
the same arithmetic.
"""
from lstm import AWKWARD, SIZES, forward, goldens, inputs, parameters  # noqa: F401
