"""Ends the process by SIGABRT while its cells run, each time.

Stopped from level: limits.
"""
import os

os.abort()

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
