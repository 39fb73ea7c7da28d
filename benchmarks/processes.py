"""Processes of this machine by their numbers, read off Linux's /proc: any may end at any moment."""

from __future__ import annotations

import contextlib
from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that a process started; none of a process that is gone."""
    found: list[int] = []
    with contextlib.suppress(OSError):  # it, or one of its threads, ended while it was read
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += [int(n) for n in (task / "children").read_text().split()]
    return found


def runs(pid: int) -> bool:
    """True unless it is gone, or has ended and waits to be asked for its status."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def descendants(pid: int) -> list[int]:
    """The living processes that come from that one."""
    found: list[int] = []
    for one in filter(runs, children(pid)):
        found += [one, *descendants(one)]
    return found
