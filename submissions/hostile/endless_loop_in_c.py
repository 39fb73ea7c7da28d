"""Loops without end in C, where no exception reaches it.

Stopped from level: limits.
"""
# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return sum(range(10**15))
