"""Makes files and folders without end, as deep as they go.

Stopped from level: kernel.
"""
import os

for number in range(3000):
    open("f%d" % number, "w").close()
try:
    for _ in range(3000):
        os.mkdir("deeper-and-deeper")
        os.chdir("deeper-and-deeper")
    os.mkdir("closed", 0)
except OSError:
    pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
