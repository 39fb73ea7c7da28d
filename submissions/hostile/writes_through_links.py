"""Writes through symbolic and hard links made in its own folder.

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


for number, name in enumerate(("report.json", "conftest.py", "other")):
    target = os.path.join(NEIGHBOURS, name)
    for link in (os.symlink, os.link):
        here = "link%d%s" % (number, link.__name__)
        try:
            link(target, here)
            where = os.path.join(here, "hostile-was-here") if os.path.isdir(here) else here
            with open(where, "w") as file:
                file.write("hostile-was-here")
        except OSError:
            pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
