"""One student process: its start, its pipes and its certain end."""

from __future__ import annotations

import contextlib
import json
import os
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

    It is started with its own process group in a scratch folder of its own, and `close`
    kills the whole group and removes the folder.
    """

    python: str = sys.executable
    limits: Limits = field(default_factory=Limits)
    mnist: Path | None = None
    companions: tuple[tuple[str, Path], ...] = ()

    def __post_init__(self) -> None:
        self.hello: dict[str, Any] = {}
        self._frames: deque[Frame] = deque()
        self._decoder: Any = wire.Decoder()
        self._popen: subprocess.Popen[bytes] | None = None
        self._scratch: Path | None = None
        self._to_student = self._from_student = -1

    def __enter__(self) -> StudentProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process and wait for its greeting.

        Raises:
            UsageError: the interpreter can't be started or lacks what the process needs.
        """
        if _no_more:
            raise UsageError("the grading was stopped")
        self._scratch = Path(tempfile.mkdtemp(prefix="scratchgrade-"))
        _running.add(self)
        work = self._scratch / "work"
        work.mkdir()
        for name, source in self.companions:
            target = work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        settings = {
            "memory_bytes": self.limits.memory_bytes,
            "file_bytes": self.limits.file_bytes,
            "open_files": self.limits.open_files,
            "cpu_seconds": self.limits.cpu_seconds,
            "output_chars": self.limits.output_chars,
            "mnist": str(self.mnist) if self.mnist else None,
            "path": [str(work)],
        }
        student_in, self._to_student = os.pipe()
        self._from_student, student_out = os.pipe()
        with tempfile.TemporaryFile() as complaints:
            try:
                self._popen = subprocess.Popen(
                    [self.python, "-s", "-B", str(_START), str(student_in), str(student_out),
                     json.dumps(settings)],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints,
                    pass_fds=(student_in, student_out), start_new_session=True, cwd=work,
                    env=self._environment(self._scratch),
                )  # fmt: skip
            except OSError as error:
                self.close()
                raise UsageError(
                    f"--student-python {self.python}: can't be started: {error.strerror or error}"
                ) from error
            finally:
                os.close(student_in)
                os.close(student_out)
            try:
                self.hello, _ = self.receive(time.monotonic() + self.limits.start_seconds)
            except (ProcessDied, ReplyTimeout) as error:
                complaints.seek(0)
                tail = complaints.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
                self.close()
                raise UsageError(
                    f"--student-python {self.python}: the student's process did not start "
                    f"({tail[-1] if tail else error}); it needs Python 3.8 or newer with numpy "
                    "and ipython"
                ) from error

    @staticmethod
    def _environment(scratch: Path) -> dict[str, str]:
        kept = {k: os.environ[k] for k in _KEPT_ENVIRONMENT if k in os.environ}
        return kept | {
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "MPLCONFIGDIR": str(scratch / "mpl"),
            "IPYTHONDIR": str(scratch / "ipython"),
            "MPLBACKEND": "Agg",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
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
        if self.alive and self._popen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._popen.pid, signal.SIGINT)

    def death(self) -> str:
        """How the process ended, in words."""
        if self._popen is None:
            return "it was never started"
        try:
            code = self._popen.wait(2)
        except subprocess.TimeoutExpired:
            return "it closed its connection"
        if code >= 0:
            return f"it ended by itself with exit status {code}"
        try:
            return f"it was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was ended by signal {-code}"

    def kill(self) -> None:
        """End the process and all of its group, at once."""
        if self._popen is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(10)

    def close(self) -> None:
        """Kill the group, close the pipes, remove the scratch folder. Safe to repeat."""
        self.kill()
        _running.discard(self)
        for fd in (self._to_student, self._from_student):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self._to_student = self._from_student = -1
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
