"""sLSTM's cell with its step written out: the same system as slstm, whose op must come to
the same arithmetic.
"""
from slstm import AWKWARD, SIZES, forward, goldens, inputs, parameters  # noqa: F401
