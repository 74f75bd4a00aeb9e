"""Elman's network with its step written out: the same system as elman, whose op must come to
the same arithmetic.
"""
from elman import AWKWARD, SIZES, forward, goldens, inputs, parameters  # noqa: F401
