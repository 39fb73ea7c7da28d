"""One student process: its start, its pipes and its certain end."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graders.errors import UsageError
from graders.sandbox.isolation import NOT_STARTED, Isolation, Wanted, reaches, refusal, tree
from graders.sandbox.isolation.walls import Walls, remove
from graders.sandbox.isolation.watcher import Watcher
from graders.sandbox.sgworker import wire

Frame = tuple[dict[str, Any], list[np.ndarray]]
_START = Path(__file__).parent / "sgworker" / "start.py"
# Nothing else of the grader's environment reaches the student's process.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


@dataclass(frozen=True)
class Limits:
    """What one student process may use. Bytes and seconds; `None` means no limit."""

    memory_bytes: int | None = 4 * 2**30
    file_bytes: int | None = 256 * 2**20
    scratch_bytes: int = 512 * 2**20
    open_files: int | None = 256
    cpu_seconds: int | None = 900
    output_chars: int = 100_000
    start_seconds: float = 60.0


class ProcessDied(Exception):
    """The student's process ended or broke the protocol; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReplyTimeout(Exception):
    """No reply within the time that the request had."""


_running: set[StudentProcess] = set()
_no_more = False


def end_all() -> None:
    """Kill every student process of this interpreter and let no other one start: the end."""
    global _no_more
    _no_more = True
    for process in list(_running):
        process.kill()


@dataclass(eq=False)
class StudentProcess:
    """A fresh process with the student's code in it. Use as a context manager.

    It is started behind its walls (`isolation`) with its own process group in a scratch folder
    of its own; `close` ends all that it started and removes the folder. `isolation` is what was
    observed to be in force.
    """

    python: str = sys.executable
    limits: Limits = field(default_factory=Limits)
    mnist: Path | None = None
    companions: tuple[tuple[str, Path], ...] = ()
    wanted: Wanted = field(default_factory=Wanted)

    def __post_init__(self) -> None:
        self.hello: dict[str, Any] = {}
        self.isolation: Isolation = NOT_STARTED
        self._frames: deque[Frame] = deque()
        self._decoder: Any = wire.Decoder()
        self._popen: subprocess.Popen[bytes] | None = None
        self._walls: Walls | None = None
        self._watcher: Watcher | None = None
        self._scratch: Path | None = None
        self._worker = 0
        self._mark = secrets.token_hex(16)
        self._ended_for = ""
        self._gone = False
        self._to_student = self._from_student = -1

    def __enter__(self) -> StudentProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process and wait for its greeting, which comes before any student code.

        Raises:
            UsageError: the interpreter can't be started or lacks what the process needs, or
                the isolation that is wanted can't be had here.
        """
        if _no_more:
            raise UsageError("the grading was stopped")
        _running.add(self)
        complaint = self._attempt(with_bubblewrap=True)
        if complaint and self._walls is not None and self._walls.in_memory:
            self.close()
            _running.add(self)
            complaint = self._attempt(with_bubblewrap=False)
        if complaint:
            self.close()
            raise UsageError(f"--student-python {self.python}: {complaint}")
        assert self._walls is not None and self._popen is not None
        self.isolation = self._walls.judge(self.hello)
        if not reaches(self.isolation.level, self.wanted.required):
            self.close()
            raise refusal(self.isolation, self.wanted.required)
        self._worker = self._walls.number(self._popen.pid)
        folder = None if self._walls.in_memory else self._walls.home
        self._watcher = Watcher(self._worker, folder, self.limits.scratch_bytes, self._end_for)
        self._watcher.start()

    def _attempt(self, with_bubblewrap: bool) -> str:
        """Start once; "" or what went wrong."""
        self._scratch = Path(tempfile.mkdtemp(prefix="scratchgrade-"))
        self._gone = False
        walls = self._walls = Walls(
            self.python, self._scratch, self.wanted, self.limits.scratch_bytes, with_bubblewrap
        )
        walls.lay_out(self.companions)
        readable: list[Path] = []
        if self.mnist is not None:
            readable.append(self._scratch / "mnist.npz")
            shutil.copyfile(self.mnist, readable[0])
            readable[0].chmod(0o644)
        self._decoder = wire.Decoder()
        student_in, self._to_student = os.pipe()
        self._from_student, student_out = os.pipe()
        arguments = ["-s", "-B", str(_START), str(student_in), str(student_out)]
        command, passed = walls.command(arguments, readable)
        with tempfile.TemporaryFile() as complaints:
            try:
                self._popen = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=complaints, pass_fds=(student_in, student_out, *passed),
                    start_new_session=True, cwd=walls.home, env=self._environment(walls.home),
                )  # fmt: skip
            except (OSError, ValueError) as error:
                return f"can't be started: {getattr(error, 'strerror', None) or error}"
            finally:
                for fd in (student_in, student_out, *passed):
                    os.close(fd)
            try:
                self.send({"op": "settings", **self._settings(walls, readable)})
                self.hello, _ = self.receive(time.monotonic() + self.limits.start_seconds)
            except (ProcessDied, ReplyTimeout) as error:
                complaints.seek(0)
                tail = complaints.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
                return (
                    f"the student's process did not start ({tail[-1] if tail else error}); "
                    "it needs Python 3.8 or newer with numpy and ipython"
                )
        return ""

    def _settings(self, walls: Walls, readable: list[Path]) -> dict[str, Any]:
        return {
            **walls.settings(readable),
            "memory_bytes": self.limits.memory_bytes,
            "file_bytes": self.limits.file_bytes,
            "open_files": self.limits.open_files,
            "cpu_seconds": self.limits.cpu_seconds,
            "output_chars": self.limits.output_chars,
            "mnist": str(readable[0]) if self.mnist else None,
            "path": [str(walls.work)],
        }

    def _environment(self, home: Path) -> dict[str, str]:
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
            tree.MARK: self._mark,
        }

    # -- the connection ------------------------------------------------------------------

    @property
    def reader(self) -> int:
        """The file descriptor that replies arrive on."""
        return self._from_student

    def send(self, header: dict[str, Any], arrays: list[np.ndarray] | None = None) -> None:
        """Send a request. Raises ProcessDied if nobody listens any more."""
        data = memoryview(wire.encode(header, arrays or []))
        deadline = time.monotonic() + 30
        while data:
            _, writable, _ = select.select([], [self._to_student], [], 5)
            if not writable:
                if time.monotonic() > deadline or not self.alive:
                    raise ProcessDied("the process does not read what it is sent")
                continue
            try:
                data = data[os.write(self._to_student, data[:65536]) :]
            except (BrokenPipeError, OSError) as error:
                raise ProcessDied(self.death()) from error

    def pump(self) -> bool:
        """Read what has arrived; False at the end of the stream."""
        try:
            data = os.read(self._from_student, 1 << 18)
        except OSError:
            data = b""
        if not data:
            return False
        try:
            self._frames.extend(self._decoder.feed(data))
        except wire.WireError as error:
            self.kill()
            raise ProcessDied(f"the process sent what is no reply ({error})") from error
        return True

    def pop(self) -> Frame | None:
        """The next frame that is complete, if there is one."""
        return self._frames.popleft() if self._frames else None

    def receive(self, deadline: float) -> Frame:
        """Wait for the next frame until `deadline` (time.monotonic).

        Raises:
            ReplyTimeout: nothing came in time.
            ProcessDied: the process ended or sent something that is no frame.
        """
        while not self._frames:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ReplyTimeout
            readable, _, _ = select.select([self._from_student], [], [], left)
            if readable and not self.pump():
                raise ProcessDied(self.death())
        return self._frames.popleft()

    # -- the end -------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._popen is not None and self._popen.poll() is None

    def interrupt(self) -> None:
        """What Ctrl-C would do."""
        if self.alive and self._worker:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._worker, signal.SIGINT)

    def death(self) -> str:
        """How the process ended, in words."""
        if self._ended_for:
            return self._ended_for
        if self._popen is None:
            return "it was never started"
        try:
            code = self._popen.wait(2)
        except subprocess.TimeoutExpired:
            return "it closed its connection"
        if code > 128 and self._walls is not None and self._walls.in_memory:
            code = 128 - code  # as bubblewrap tells of a signal
        if code >= 0:
            return f"it ended by itself with exit status {code}"
        try:
            return f"it was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was ended by signal {-code}"

    def _end_for(self, reason: str) -> None:
        self._ended_for = reason
        self.kill()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._popen is None or self._gone:
            return
        tree.kill_group(self._popen.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(10)
            self._gone = True
        if "fork" in self.isolation.acts and os.path.isdir("/proc/self"):
            if self._walls is not None and self._walls.uid is not None:
                tree.kill_user(self._walls.uid)
            else:
                tree.kill_marked(self._mark)

    def close(self) -> None:
        """End all of it, close the pipes, remove the scratch folder. Safe to repeat."""
        if self._watcher is not None:
            self._watcher.stop()
        self.kill()
        _running.discard(self)
        for fd in (self._to_student, self._from_student):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self._to_student = self._from_student = -1
        if self._walls is not None:
            self._walls.release()
        if self._scratch is not None:
            remove(self._scratch)
            self._scratch = None
