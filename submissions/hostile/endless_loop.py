"""Loops without end in Python.

Stopped from level: limits.
"""
# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    while True:
        pass
