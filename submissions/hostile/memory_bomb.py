"""Allocates without end.

Stopped from level: limits.
"""
hoard = []
while True:
    hoard.append(bytearray(256 * 2**20))

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
