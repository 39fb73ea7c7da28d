"""A process that has done the imports, from which each student's process is forked.

It stands behind the outer walls and runs no student code; what it forks puts on the inner walls
(`confine`) before it runs any. It has one thread. Requests are JSON objects, one a message:

``{"op": "preload", "modules": [...]}``: import the modules, as far as they are there. No answer.

``{"op": "fork", "modules": [...]}`` with two descriptors: the same, and fork. The new process itself
answers ``{"op": "forked", "pid": ...}``, so that the kernel tells its number as the grader sees it.
This one says ``{"op": "stillborn"}`` of a process that was ended at its answer: before it, or just after.

``{"op": "end", "pid": ..., "seconds": ..., "home": ..., "uid": ...}``: the exit status of a process
that has ended or is ending (null after `seconds`), as os.waitpid gives it; then remove its folder.

When the grader is gone, so is this process, and with it all that it forked.
"""

import array
import contextlib
import gc
import importlib
import json
import os
import random
import shutil
import signal
import socket
import sys
import time

import numpy as np

from . import compat, privileges

_LARGEST = 65536
_TIDYING_SECONDS = 10.0


def serve(control):
    """Answer requests; returns in each new process, with its descriptors (in, out)."""
    connection = socket.socket(fileno=control)
    os.set_inheritable(control, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    privileges.die_with_parent()
    compat.install()
    from .shell import the_shell

    the_shell()
    del compat.used[:]
    _settle()
    _tell(connection, {"op": "ready", "threads": _threads()})
    while True:
        request, descriptors = _hear(connection)
        if request["op"] == "preload":
            _import(request["modules"])
        elif request["op"] == "fork":
            _import(request["modules"])
            if _forked(connection, descriptors):
                return descriptors
        else:
            _end(connection, request)


def _forked(connection, descriptors):
    """True in the new process."""
    if _threads() != 1:
        _tell(connection, {"op": "failed", "reason": "threads"})
    else:
        try:
            if _born(connection):
                connection.close()
                random.seed()
                np.random.seed()
                return True
        except OSError as error:
            _tell(connection, {"op": "failed", "reason": os.strerror(error.errno)})
    for descriptor in descriptors:
        os.close(descriptor)
    return False


def _born(connection):
    """True in the new process, when it has answered."""
    reading, writing = os.pipe()
    with open(reading, "rb", 0) as ours, open(writing, "wb", 0) as theirs:
        if os.fork() == 0:
            os.setsid()
            _tell(connection, {"op": "forked", "pid": os.getpid()})
            theirs.write(b"1")
            return True
        theirs.close()
        if not ours.read(1):  # nobody else could say so, and the grader would wait for it
            _tell(connection, {"op": "stillborn"})
    return False


def _end(connection, request):
    deadline = time.monotonic() + request["seconds"]
    status = _status(request["pid"], deadline)
    _tell(connection, {"op": "ended", "status": status})
    if request["home"] and not _tidied(request["home"], request["uid"]):
        os._exit(1)  # never a folder for the next one in which something of the last one is left


def _status(pid, deadline):
    pause = 0.0002
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
        pause = min(2 * pause, 0.02)


def _tidied(home, uid):
    """Remove a scratch folder, as the user who owns it; False if it could not be done in time."""
    pid = os.fork()
    if pid == 0:
        try:
            if uid is not None:
                privileges.become(uid)
            shutil.rmtree(home)
            os._exit(0)
        finally:
            os._exit(1)
    status = _status(pid, time.monotonic() + _TIDYING_SECONDS)
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return status == 0


def _import(names):
    """Modules that the cells will import; one that fails will fail there, where it counts."""
    new = [name for name in names if name not in sys.modules]
    for name in new:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if new:
        del compat.used[:]
        _settle()


def _settle():
    """Nothing that is there by now is garbage: not looked at, it stays shared between processes."""
    gc.collect()
    gc.freeze()


def _threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _tell(connection, message):
    connection.send(json.dumps(message).encode("ascii"))


def _hear(connection):
    """The next request and the descriptors that came with it; ends this process at the end."""
    descriptors = array.array("i")
    space = socket.CMSG_SPACE(2 * descriptors.itemsize)
    data, others, _, _ = connection.recvmsg(_LARGEST, space)
    if not data:
        os._exit(0)
    for level, kind, content in others:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    return json.loads(data.decode("ascii")), list(descriptors)
