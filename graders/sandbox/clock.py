"""Time as a process has it: while it stands in line for a processor, it has none.

How busy a machine is must change no verdict, and processor time alone would let a process sleep. What the process
has answered may wait for us, too: while we stand in line to read it, it has none either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def waited(pid: int) -> float:
    """Seconds that a thread, by a process's number its main thread, was ready to run and was not let; 0 where none
    says so.
    """
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
    """The time of one process after the other, for whoever talks to it from one thread."""

    def __init__(self) -> None:
        self._pid = 0
        self._first = self._last = 0.0  # what this one had waited, when it came and by now
        self._before = 0.0  # what those before it waited in all
        self._used, self._used_before = 0.0, 0.0  # processor time, likewise

    def follow(self, pid: int) -> None:
        """Go on with another process."""
        self.now()
        self._before += self._last - self._first
        self._used_before, self._used = self.used(), 0.0
        self._pid, self._first = pid, waited(pid)
        self._last = self._first

    def used(self) -> float:
        """Seconds of a processor that the processes have had."""
        if self._pid:
            self._used = max(self._used, used(self._pid))  # nothing is told of one that is gone
        return self._used_before + self._used

    def now(self) -> float:
        """Seconds; only differences within a thread mean something."""
        if self._pid:
            self._last = max(self._last, waited(self._pid))
        ours = waited(threading.get_native_id())
        return time.monotonic() - self._before - (self._last - self._first) - ours

    def stopwatch(self) -> Callable[[], float]:
        """Seconds from now on, at least those of a processor: where both sides stood in line at once, that was
        taken off twice.
        """
        began, had = self.now(), self.used()
        return lambda: max(self.now() - began, self.used() - had)
