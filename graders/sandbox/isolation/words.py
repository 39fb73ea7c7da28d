"""Layers, the reasons why one is missing and the remedies, in words."""

from __future__ import annotations

import sys

from graders.messages import M, Message

_NAMES = {
    "bubblewrap": M("namespaces of its own (bubblewrap)"),
    "uid": M("a user of its own"),
    "landlock": M("walled-off files (Landlock)"),
    "seccomp": M("a filter of system calls (seccomp)"),
    "no_new_privs": M("no new privileges"),
    "capabilities": M("no capabilities"),
    "pdeathsig": M("the end together with the grader"),
}
_REASONS = {
    "not installed": M("not installed"),
    "needs root": M("the grader does not run as root"),
    "no spare user": M("no spare user id is free"),
    "not asked for": M("not asked for"),
    "refused by the system": M("this system refuses it"),
    "Function not implemented": M("this kernel does not have it"),
    "Operation not supported": M("it is switched off in this kernel"),
    "architecture": M("no table for this processor"),
    "Linux only": M("only Linux has it"),
    "threads": M("the process has threads already"),
}
_REMEDIES = {
    "bubblewrap": "install bubblewrap, for example: apt-get install bubblewrap, dnf install bubblewrap",
    "landlock": "Landlock needs Linux 5.13 or newer with `landlock` in the kernel's lsm= list "
    "(in containers, a runtime that lets its system calls through)",
    "seccomp": "seccomp needs Linux on x86-64 or arm64",
    "uid": "run the grader as root, with the interpreter in a folder that every user can read",
}
_POSSIBLE = {
    "read": M("it could read files of the grader's user"),
    "write": M("it could write outside its scratch folder"),
    "network": M("it could use the network"),
    "datagram": M("it could send datagrams"),
    "signal": M("it could signal other processes"),
    "fork": M("it could start processes"),
    "execute": M("it could run programs"),
    "memory": M("it could look into other processes"),
}
_CLOSED = "closed to other users: "


def closed(folder: object) -> str:
    """The reason for a folder that a spare user could not enter."""
    return f"{_CLOSED}{folder}"


def lacking(layer: str, reason: str) -> Message:
    """A layer that is not in force, and why."""
    name = _NAMES.get(layer) or Message("{text}", {"text": layer})
    why: Message
    if reason.startswith(_CLOSED):
        why = M("{folder} is closed to other users", folder=reason.removeprefix(_CLOSED))
    else:
        why = _REASONS.get(reason) or Message("{text}", {"text": reason})
    return M("{layer}: {reason}", layer=name, reason=why)


def possible(act: str) -> Message:
    """A forbidden act that nothing stopped."""
    return _POSSIBLE.get(act) or Message("{text}", {"text": act})


def remedy(layer: str) -> str:
    """What would add a layer; "" if nothing is known."""
    if not sys.platform.startswith("linux"):
        return "grade on Linux, for example in a container"
    return _REMEDIES.get(layer, "")
