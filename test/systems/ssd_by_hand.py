"""SSD with its step written out: the same system as ssd, whose op must come to the
same arithmetic.
"""
from ssd import (AWKWARD, PACKED, SIZES, forward, goldens, inputs,  # noqa: F401
                 parameters)
