"""Answers with objects whose unpickling runs a command, plain and inside an object array.

Stopped from level: limits.
"""
import os
import numpy as np


class Bomb:
    def __reduce__(self):
        return (os.system, ("touch pickle-was-loaded",))


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    holder = np.empty(2, dtype=object)
    holder[:] = [Bomb(), Bomb()]
    return holder, Bomb(), {"verdict": Bomb()}
