"""Reads another student's submission and answers with it.

Stopped from level: kernel.
"""
import os
import sys


def above(path, levels):
    for _ in range(levels):
        path = os.path.dirname(path)
    return path


CHECKOUT = above(os.path.abspath(sys.modules["sgworker"].__file__), 4)
NEIGHBOURS = os.path.join(above(os.environ["HOME"], 3), "victim")


try:
    exec(open(os.path.join(NEIGHBOURS, "other", "answer.py")).read())
except OSError:
    stolen = lambda *args: -1


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return stolen(n_in, filter_size, padding, stride)
