"""Plants conftest.py, pytest.ini, sitecustomize.py and .pth files wherever the grader might look.

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

import site

places = [CHECKOUT, os.path.join(CHECKOUT, "graders"), NEIGHBOURS, above(NEIGHBOURS, 1)]
places += site.getsitepackages() + [site.getusersitepackages(), sys.prefix, sys.base_prefix]
for place in places:
    for name in ("conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "hostile-was-here.pth"):
        path = os.path.join(place, name)
        if os.path.exists(path):
            continue
        try:
            os.makedirs(place, exist_ok=True)
            with open(path, "w") as file:
                file.write("# hostile-was-here")
        except OSError:
            pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
