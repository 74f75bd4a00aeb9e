"""GLA with its step written out: the same system as gla, whose op must come to
the same arithmetic.
"""
from gla import AWKWARD, SIZES, forward, goldens, inputs  # noqa: F401
