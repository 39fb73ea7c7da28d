"""Bubblewrap: a root folder with nothing in it but what is needed, and namespaces of its own.

Processes, network, message queues and the host's name are the sandbox's own; the scratch is a
memory file system with a size. Whether it works here is found by running it: containers and
distributions forbid parts of it in their own ways.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from graders.sandbox.isolation.interpreter import Files
from graders.sandbox.waiting import asked

_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
_TRIES = 3
_SECONDS = 10.0


@dataclass(frozen=True)
class Way:
    """How bubblewrap works on this machine. `user_namespace`: no other user id is possible."""

    program: str
    user_namespace: bool
    proc: bool


@functools.cache
def way() -> Way | str:
    """The first way that works, or why there is none."""
    if not sys.platform.startswith("linux"):
        return "Linux only"
    program = shutil.which("bwrap")
    if program is None:
        return "not installed"
    for user_namespace in (False, True) if os.geteuid() == 0 else (True,):
        for proc in (True, False):
            candidate = Way(program, user_namespace, proc)
            if _works(candidate):
                return candidate
    return "refused by the system"


def absent() -> str:
    """Why it can't be used; "" if it can."""
    found = way()
    return found if isinstance(found, str) else ""


def _works(candidate: Way) -> bool:
    command = [*_beginning(candidate), "--ro-bind", "/", "/", *_devices(candidate), "true"]
    for _ in range(_TRIES):
        try:
            status, _ = asked(command, _SECONDS)
        except OSError:
            return False
        if status is None or status >= 0:  # else somebody killed it, which says nothing of it
            break
    return status == 0


def _beginning(chosen: Way) -> list[str]:
    command = [chosen.program, *_NAMESPACES, "--unshare-cgroup-try", "--die-with-parent"]
    if chosen.user_namespace:
        return [*command, "--unshare-user"]
    # The worker inside changes to a user of its own, which takes these two.
    return [*command, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


def _devices(chosen: Way) -> list[str]:
    return ["--dev", "/dev", *(("--proc", "/proc") if chosen.proc else ())]


def command(chosen: Way, files: Files, scratch: Path, size: int, readable: list[Path]) -> list[str]:
    """The command line in front of the interpreter's.

    Args:
        scratch: the folder to write in; a new, empty one of `size` bytes is put in its place.
        readable: files and folders that are only read; what is put there later is seen, too.
    """
    tree = _Tree()
    for root in files.roots:
        tree.bind(root)
    for hidden in files.hidden:
        tree.cover(hidden)
    for root in files.roots:  # ours, where it lies within what was just hidden
        if any(root.startswith(hidden + "/") for hidden in files.hidden):
            tree.bind(root)
    for place in readable:
        tree.bind(str(place))
    tree.parents(str(scratch))
    tree.arguments += ["--perms", "0777", "--size", str(size), "--tmpfs", str(scratch)]
    return [
        *_beginning(chosen), *_devices(chosen), *tree.arguments,
        "--remount-ro", "/", "--chdir", str(scratch), "--",
    ]  # fmt: skip


class _Tree:
    """Arguments that rebuild part of the file system; folders above are open to all."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self._made: set[str] = {"/", "/dev", "/proc"}

    def parents(self, path: str) -> None:
        """The folders above: bubblewrap would make them for its own user alone."""
        for folder in reversed(Path(path).parents):
            name = str(folder)
            if name not in self._made:
                self._made.add(name)
                if folder.is_symlink() and len(folder.parts) == 2:  # /lib -> usr/lib
                    self.arguments += ["--symlink", os.readlink(folder), name]
                else:
                    self.arguments += ["--perms", "0755", "--dir", name]

    def cover(self, path: str) -> None:
        """Nothing in the place of a folder, an empty file in that of a file. What was made below has
        to be made again.
        """
        if os.path.isdir(path):
            self.arguments += ["--perms", "0755", "--tmpfs", path]
        else:
            self.arguments += ["--ro-bind", os.devnull, path]
        self._made = {m for m in self._made if not m.startswith(path + "/")}

    def bind(self, path: str) -> None:
        """The path at its own place, read-only; a link at the top stays a link."""
        self.parents(path)
        if os.path.islink(path) and path.count("/") == 1:
            self.arguments += ["--symlink", os.readlink(path), path]
        else:
            self.arguments += ["--ro-bind", path, path]
        self._made.add(path)
