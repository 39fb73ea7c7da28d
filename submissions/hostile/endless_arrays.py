"""Announces arrays of many gigabytes, and shapes whose product overflows.

Stopped from level: limits.
"""
import json
import os
import struct

for shape in ([2**31, 2**31, 4], [2**26] * 8, [-1, 10**30], [0] * 60):
    text = json.dumps({"op": "reply", "buffers": [["float64", shape]] * 400}).encode()
    for fd in range(3, 12):
        try:
            os.write(fd, b"SG1\n" + struct.pack("<I", len(text)) + text)
        except OSError:
            pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
