"""Opens descriptors without end.

Stopped from level: limits.
"""
import os

held = []
try:
    while True:
        held.append(os.pipe())
except OSError:
    pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
