"""Announces a header of 4 GB and sends it.

Stopped from level: limits.
"""
import os
import struct

for fd in range(3, 12):
    try:
        os.write(fd, b"SG1\n" + struct.pack("<I", 2**32 - 1))
        while True:
            os.write(fd, b" " * 65536)
    except OSError:
        pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
