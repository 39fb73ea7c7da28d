"""Time as a process has it: while it stands in line for a processor, it has none.

How busy a machine is must change no verdict, and processor time alone would let a process sleep.
"""

from __future__ import annotations

import time


def waited(pid: int) -> float:
    """Seconds that a process's main thread was ready to run and was not let; 0 where none says so."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            return int(file.read().split()[1]) * 1e-9
    except (OSError, ValueError, IndexError):
        return 0.0


def used(pid: int) -> float:
    """Seconds of a processor that a process's main thread has had; 0 where none says so."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            return int(file.read().split()[0]) * 1e-9
    except (OSError, ValueError, IndexError):
        return 0.0


class Clock:
    """The time of one process after the other."""

    def __init__(self) -> None:
        self._pid = 0
        self._first = self._last = 0.0  # what this one had waited, when it came and by now
        self._before = 0.0  # what those before it waited in all

    def follow(self, pid: int) -> None:
        """Go on with another process."""
        self.now()
        self._before += self._last - self._first
        self._pid, self._first = pid, waited(pid)
        self._last = self._first

    def used(self) -> float:
        """Seconds of a processor that the process has had."""
        return used(self._pid) if self._pid else 0.0

    def now(self) -> float:
        """Seconds; only differences mean something."""
        if self._pid:
            self._last = max(self._last, waited(self._pid))  # nothing is told of one that is gone
        return time.monotonic() - self._before - (self._last - self._first)
