"""Prints a gigabyte, by Python and past it.

Stopped from level: limits.
"""
import os
import sys

for _ in range(1000):
    print("x" * 2**20)
    sys.stderr.write("y" * 2**10)
    os.write(1, b"z" * 2**10)

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
