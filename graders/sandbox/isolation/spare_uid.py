"""A user id that nobody has, one a process: what it owns and may signal is itself.

Root only. The number is held by an abstract socket's name, which the kernel frees with it.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

# Reserved by nobody: systemd's "Users, Groups, UIDs and GIDs" leaves this range unused.
_RANGE = range(60_578, 61_184)


def absent(folders: Iterable[str]) -> str:
    """Why a spare user can't be used for what lies in `folders`; "" if it can."""
    from graders.sandbox.isolation.words import closed

    if not sys.platform.startswith("linux"):
        return "Linux only"
    if os.geteuid() != 0:
        return "needs root"
    for folder in folders:
        for place in (Path(folder), *Path(folder).parents):
            if place.is_dir() and not place.stat().st_mode & 0o001:
                return closed(place)
    return ""


class SpareUser:
    """A user id of one's own until `release`. `uid` is None where every one is taken."""

    def __init__(self) -> None:
        self.uid: int | None = None
        self._hold: socket.socket | None = None
        used = _users_of_processes()
        for uid in random.sample(_RANGE, 50):
            if uid in used:
                continue
            hold = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                hold.bind(f"\0scratchgrade-uid-{uid}")
            except OSError:
                hold.close()
                continue
            self.uid, self._hold = uid, hold
            return

    def release(self) -> None:
        """Give the number back; its processes must be gone."""
        if self._hold is not None:
            self._hold.close()
            self._hold = None


def _users_of_processes() -> set[int]:
    return {owner for _, owner in owners()}


def owners() -> Iterator[tuple[int, int]]:
    """(number, user) of every process that can be seen, but for those that have ended."""
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            # The folder's owner says nothing: it is root's once a process has changed its user.
            with contextlib.suppress(OSError, IndexError, ValueError):
                status = Path(f"/proc/{folder}/status").read_bytes()
                if b"\nState:\tZ" not in status:
                    yield int(folder), int(status.split(b"\nUid:\t", 1)[1].split(None, 1)[0])


def threads_of_this_user() -> int:
    """How many threads this user has, which a limit on their number counts from."""
    number = 0
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if entry.stat().st_uid == os.geteuid():
                        number += os.stat(f"/proc/{entry.name}/task").st_nlink - 2
    return number
