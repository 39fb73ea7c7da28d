"""How a student's process is started and ended: by itself, or forked from a warm one."""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Protocol

from graders.sandbox.isolation import tree
from graders.sandbox.isolation.walls import Ground
from graders.sandbox.waiting import Came, Life

START = Path(__file__).parent / "sgworker" / "start.py"
# Nothing else of the grader's environment reaches the student's process.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")

_NOTHING_LEFT = (
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT, errno.EFBIG,
)  # fmt: skip


class NotStarted(Exception):
    """It could not be started; the text says why. `killed`: by others, as it seems: try it again.
    `refused`: this machine has nothing left for it, whatever the interpreter.
    """

    def __init__(self, reason: str, killed: bool = False, refused: bool = False) -> None:
        super().__init__(reason)
        self.killed, self.refused = killed, refused


class Launched(Protocol):
    """A student's process that runs or has run."""

    pid: int

    @property
    def alive(self) -> bool:
        """True while it runs."""

    def wait(self, descriptor: int, deadline: float, writing: bool = False) -> Came:
        """Wait until the descriptor can be read or written, as long as it runs."""

    def status(self, seconds: float) -> int | None:
        """Its exit status, or minus the signal that ended it; None if it still runs by then."""

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there to be sent one."""

    def kill(self) -> None:
        """End it and all that it started, at once. Safe to repeat, from any thread."""


def environment(home: Path, mark: str) -> dict[str, str]:
    """What a process of students' code is started with; `mark` tells whose it is."""
    kept = {k: os.environ[k] for k in _KEPT_ENVIRONMENT if k in os.environ}
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "USER": "student",
        "LOGNAME": "student",
        "MPLCONFIGDIR": str(home / "mpl"),
        "IPYTHONDIR": str(home / "ipython"),
        "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        # No semaphores behind the walls: joblib would say so in every notebook that uses it.
        "JOBLIB_MULTIPROCESSING": "0",
        tree.MARK: mark,
    }


@functools.cache
def _compiled() -> None:
    """Compile what a student's process runs of ours, where that is kept: it writes nothing itself."""
    newest = max(file.stat().st_mtime for file in START.parent.glob("*.py"))
    kept = Path(importlib.util.cache_from_source(str(START.with_name("worker.py"))))
    if sys.dont_write_bytecode or (kept.exists() and kept.stat().st_mtime >= newest):
        return
    import compileall  # seldom needed, and this is on the way to the first answer

    compileall.compile_dir(START.parent, quiet=2)


def start(
    ground: Ground, arguments: list[str], passed: tuple[int, ...], mark: str, errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start the interpreter on `ground` with START and `arguments`, in a session of its own.

    Raises:
        NotStarted: the system refuses.
    """
    _compiled()
    line = ["-s", "-B", str(START), *arguments]
    try:
        return subprocess.Popen(
            ground.command(line), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors, pass_fds=passed, start_new_session=True, cwd=ground.scratches,
            env=environment(ground.scratches, mark),
        )  # fmt: skip
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        refused = getattr(error, "errno", None) in _NOTHING_LEFT
        raise NotStarted(f"can't be started: {reason}", refused=refused) from error


def last_line(errors: IO[bytes]) -> str:
    """The last line that a process said on its standard error; "" if it said nothing."""
    errors.seek(0)
    lines = errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def was_killed(status: int | None) -> bool:
    """True for the exit status of a process that a signal ended, also as bubblewrap tells it."""
    return status is not None and (status < 0 or status > 128)


class Spawned:
    """Started by itself: where there are no walls to fork behind."""

    def __init__(self, ground: Ground, student_in: int, student_out: int, mark: str) -> None:
        """The descriptors are the process's ends of its pipes."""
        self._mark = mark
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        ends = (student_in, student_out)
        self._popen = start(ground, [str(fd) for fd in ends], ends, mark, self._errors)
        self.pid = self._popen.pid
        self._life = Life(self.pid, lambda: self._popen.poll() is None)
        self._gone = False

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self._popen.poll() is None

    def wait(self, descriptor: int, deadline: float, writing: bool = False) -> Came:
        """Wait until the descriptor can be read or written, as long as it runs."""
        return self._life.wait(descriptor, deadline, writing)

    @property
    def complaint(self) -> str:
        """What it said on its standard error, last."""
        return last_line(self._errors)

    def status(self, seconds: float) -> int | None:
        """Its exit status, or minus the signal that ended it; None if it still runs by then."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there to be sent one."""
        self._popen.send_signal(number)

    def kill(self) -> None:
        """End it and, found by their mark, all that it started."""
        if self._gone:
            return
        tree.kill_group(self.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(10)
            self._gone = True
            self._life.close()
        if os.path.isdir("/proc/self"):
            tree.kill_marked(self._mark)
        self._errors.close()
