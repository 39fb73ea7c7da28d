"""Starts threads without end, with stacks as small as they go.

Stopped from level: limits.
"""
import threading
import time

threading.stack_size(32768)
try:
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError:
    pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
