"""Matches a regular expression that takes longer than the universe lasts.

Stopped from level: limits.
"""
import re

re.match(r"(a+)+$", "a" * 60 + "b")

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
