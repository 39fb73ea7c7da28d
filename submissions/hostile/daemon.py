"""Leaves a daemon behind: forks twice, leaves its session and ignores every signal.

Stopped from level: kernel.
"""
import os
import signal
import time

try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 32):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            for fd in range(64):
                try:
                    os.close(fd)
                except OSError:
                    pass
            time.sleep(60)
        os._exit(0)
except OSError:
    pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
