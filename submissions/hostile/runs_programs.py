"""Runs programs by every way that Python has.

Stopped from level: kernel.
"""
import ctypes
import multiprocessing
import os
import subprocess
import sys

for run in (
    lambda: subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=1),
    lambda: os.system("sleep 60 &"), lambda: os.popen("sleep 60 &").close(),
    lambda: os.posix_spawn("/bin/sleep", ["sleep", "60"], {}),
    lambda: multiprocessing.Process(target=print).start(),
    lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]),
    lambda: ctypes.CDLL(None).syscall(435, None, 0),
):
    try:
        run()
    except Exception:
        pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
