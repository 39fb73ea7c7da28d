"""Reads address 0 through ctypes in a call.

Stopped from level: limits.
"""
import ctypes


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return ctypes.string_at(0)
