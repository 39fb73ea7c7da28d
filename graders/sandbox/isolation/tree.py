"""The certain end of a process and of all that it started.

Where processes can't be started (seccomp) or have their own namespace (bubblewrap) the group is
all there is. Elsewhere daemons leave the group: they are found by their user, or by a mark in
the environment that they were started with, which a daemon can hide.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

MARK = "SCRATCHGRADE_RUN"


def kill_group(leader: int) -> None:
    """SIGKILL to every process of a group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_user(uid: int) -> None:
    """SIGKILL to every process of a spare user, until there is none."""
    from graders.sandbox.isolation.spare_uid import owners

    _until_none(lambda: [pid for pid, owner in owners() if owner == uid])


def kill_marked(mark: str) -> None:
    """SIGKILL to every process that was started with the mark, until there is none."""
    entry = f"{MARK}={mark}".encode()
    kill_found(lambda environment: entry in environment.split(b"\0"))


def kill_found(is_one: Callable[[bytes], bool]) -> None:
    """SIGKILL to every process whose environment, as it was started with, says so, until none is."""
    _until_none(lambda: _found(is_one))


def _until_none(find: Callable[[], list[int]]) -> None:
    deadline = time.monotonic() + 5
    while (found := find()) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _found(is_one: Callable[[bytes], bool]) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if is_one((folder / "environ").read_bytes()) and _runs(folder):
                found.append(int(folder.name))
    return found


def _runs(folder: Path) -> bool:
    """False for one that has ended and waits for its parent."""
    return (folder / "stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")


def runs(pid: int) -> bool:
    """False for a process that has ended, though its parent may not have asked for it yet."""
    try:
        return _runs(Path(f"/proc/{pid}"))
    except (OSError, IndexError):
        return False
