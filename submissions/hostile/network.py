"""Connects to services on this machine by TCP, UDP and local sockets, and opens a port.

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

import socket

for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 47811)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 47811)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 47811)),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\0scratchgrade-hostile"),
    (socket.AF_UNIX, socket.SOCK_STREAM, os.path.join(NEIGHBOURS, "socket")),
):
    try:
        with socket.socket(family, kind) as one:
            one.settimeout(0.3)
            one.connect(address)
            one.send(b"hostile-was-here")
    except OSError:
        pass
try:
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0]
    pair.sendto(b"hostile-was-here", "\0scratchgrade-hostile")
except OSError:
    pass
try:
    server = socket.create_server(("127.0.0.1", 0))
    assert server is None
except OSError:
    pass

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
