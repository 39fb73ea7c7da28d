"""Leaves memory behind that outlives it: System V segments, /dev/shm, anonymous files, queues.

Stopped from level: kernel.
"""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.shmget(0x5C2A7C, 2**20, 0o1666)
libc.semget(0x5C2A7C, 1, 0o1666)
libc.msgget(0x5C2A7C, 0o1666)
for name in ("/dev/shm/hostile-was-here", "/dev/mqueue/hostile-was-here", "/run/hostile-was-here"):
    try:
        open(name, "w").write("x")
    except OSError:
        pass
if hasattr(os, "memfd_create"):
    try:
        os.memfd_create("hostile")
    except OSError:
        pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
