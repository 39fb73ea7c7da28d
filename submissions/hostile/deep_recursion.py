"""Recurses without end, in Python and in C.

Stopped from level: limits.
"""
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __repr__(self):
        return repr(self)


deep = []
for _ in range(10**6):
    deep = [deep]
repr(deep)
repr(Deep())

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
