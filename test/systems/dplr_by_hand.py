"""Diagonal plus low rank with its step written out: the same system as dplr, whose op must come to
the same arithmetic.
"""
from dplr import AWKWARD, SIZES, forward, goldens, inputs  # noqa: F401
