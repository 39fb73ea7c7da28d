"""Waiting for another process: as long as it lives, and no longer than a limit.

The end of a pipe or socket says nothing of a process that died: another one may hold its end (what
it had started, or a child that waits for it for ever). So whoever waits looks at the process, too.
"""

from __future__ import annotations

import contextlib
import enum
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable

from graders.sandbox.isolation import tree

_SLICE = 0.1  # seconds between two looks, where the kernel has no descriptor for a process
_MOST_BYTES = 2**20
_LONGEST = 3_600.0  # seconds in one call of the kernel


class Came(enum.Enum):
    """What waiting came to."""

    READY = "ready"  # the descriptor can be read or written, if only to learn of its end
    ENDED = "ended"  # the process is gone, and what it had said was read
    LATE = "late"


class Life:
    """A process, as something that can be waited for."""

    def __init__(self, pid: int, runs: Callable[[], bool]) -> None:
        """`runs` tells whether it does, where the kernel has no descriptor for it."""
        self._runs = runs
        self._handle = -1
        if hasattr(os, "pidfd_open"):
            try:
                self._handle = os.pidfd_open(pid)
            except OSError:  # Linux before 5.3, or it is gone already
                self._handle = -1

    @property
    def handle(self) -> int:
        """A descriptor that stands for this process alone; -1 if there is none."""
        return self._handle

    @property
    def ended(self) -> bool:
        """True once it has ended, though nobody may have asked for its status yet."""
        if self._handle >= 0:
            return self.wait(None, 0.0) is Came.ENDED
        return not self._runs()

    def wait(self, descriptor: int | None, deadline: float, writing: bool = False) -> Came:
        """Wait for the descriptor (None: for its end alone) until `deadline` (time.monotonic)."""
        told, both = select.poll(), select.poll()
        if descriptor is not None:
            for poller in (told, both):
                poller.register(descriptor, select.POLLOUT if writing else select.POLLIN)
        if self._handle >= 0:
            both.register(self._handle, select.POLLIN)
        most = _LONGEST if self._handle >= 0 else _SLICE
        while True:
            left = deadline - time.monotonic()
            found = _ready(both, max(0.0, min(left, most)))
            if descriptor in found:
                return Came.READY
            if self._handle in found or (self._handle < 0 and not self._runs()):
                return Came.READY if _ready(told, 0) else Came.ENDED
            if left <= 0:
                return Came.LATE

    def close(self) -> None:
        """Give the descriptor back. Safe to repeat."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def asked(
    command: list[str], seconds: float, environment: dict[str, str] | None = None, cwd: str = "/"
) -> tuple[int | None, bytes]:
    """Run a command that asks for nothing: its exit status, and what it printed.

    The status is None if it does not end within so many seconds. Nothing is left of it.

    Raises:
        OSError: it can't be started.
    """
    with tempfile.TemporaryFile() as printed:  # a pipe has an end only when nobody holds it
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.DEVNULL,
            env=environment, cwd=cwd, start_new_session=True,
        )  # fmt: skip
        life = Life(process.pid, lambda: process.poll() is None)
        came = life.wait(None, time.monotonic() + seconds)
        life.close()
        tree.kill_group(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        printed.seek(0)
        return (process.returncode if came is Came.ENDED else None), printed.read(_MOST_BYTES)


def _ready(poller: select.poll, seconds: float) -> set[int]:
    return {descriptor for descriptor, _ in poller.poll(seconds * 1000)}
