"""Forks without end.

Stopped from level: kernel.
"""
import os
import time

for _ in range(200):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    except OSError:
        break

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
