"""Fills the disk: large files, deleted ones that stay open, sparse ones.

Stopped from level: kernel.
"""
import os

held = []
for number in range(40):
    try:
        file = open("big%d" % number, "wb")
        held.append(file)
        if number % 2:
            os.remove(file.name)
        for _ in range(16):
            file.write(bytes(2**23))
        file.flush()
    except OSError:
        pass
while True:
    pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
