"""The complex selective scan with its step written out: the same system as
selective_scan_complex, up to rounding.
"""
from selective_scan_complex import (AWKWARD, SIZES, forward, goldens, inputs,  # noqa: F401
                                    parameters)
