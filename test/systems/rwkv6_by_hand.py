"""RWKV-6's core with its step written out: the same system as rwkv6, whose op must come to
the same arithmetic.
"""
from rwkv6 import AWKWARD, SIZES, forward, goldens, inputs, parameters  # noqa: F401
