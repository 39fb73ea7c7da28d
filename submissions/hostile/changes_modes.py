"""Changes modes, owners, times and attributes of files that are not its own.

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


for path in (os.path.join(NEIGHBOURS, "report.json"), os.path.join(NEIGHBOURS, "other")):
    for change in (
        lambda: os.chmod(path, 0o777 if os.path.isdir(path) else 0o666), lambda: os.chown(path, 1, 1),
        lambda: os.utime(path, (0, 0)), lambda: os.setxattr(path, "user.x", b"y"),
        lambda: os.remove(path), lambda: os.rename(path, path + "-hostile-was-here"),
        lambda: os.mknod(path + "-hostile-was-here"), lambda: os.mkfifo(path + "-hostile-was-here"),
    ):
        try:
            change()
        except OSError:
            pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
