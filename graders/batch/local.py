"""Workers on this machine: long-lived processes, replaced when they die."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from graders.batch.executor import Died, Done, Outcome
from graders.batch.worker import receive
from graders.errors import GraderError
from graders.sandbox.isolation.folders import remove

PREFIX = "scratchgrade-batch-"
MAX_SECONDS = 1_800.0
_STARTS = 3  # deaths before the greeting in a row: it is not a submission that does it
_ROOT = Path(__file__).resolve().parents[2]
# The same package as here, before an installed one, but behind Python's own modules; nothing is
# imported from the current folder.
_PROGRAM = f"""
import sys
installed = [i for i, p in enumerate(sys.path) if p.endswith(("site-packages", "dist-packages"))]
sys.path.insert(min(installed, default=len(sys.path)), {str(_ROOT)!r})
from graders.batch.worker import main
main()
"""
_Event = tuple["_Worker", "dict[str, Any] | None"]


def end_left(folder: Path) -> None:
    """End what a worker that was killed left behind: processes with files below its folder.

    bubblewrap ends with its parent, but for the moment between its first two steps: its child waits
    for ever then, before any code of the student's is loaded.
    """
    mark = os.fsencode(folder) + b"/"
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (place / "environ").read_bytes():
                os.kill(int(place.name), signal.SIGKILL)


class LocalExecutor:
    """`workers` processes, each with a folder for temporary files that goes with it.

    `settings` is what `work.settings_of` gives. A task that takes longer than `seconds` ends its
    worker: the engine has its own limits, this one is for its faults.
    """

    def __init__(
        self, workers: int, settings: dict[str, Any], folder: Path, seconds: float = MAX_SECONDS
    ) -> None:
        self._wanted, self._settings, self._folder = workers, settings, folder
        self._seconds = seconds
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._workers: set[_Worker] = set()
        self._failed_starts = 0
        self._started = 0

    def __enter__(self) -> LocalExecutor:
        for _ in range(self._wanted):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.dismiss()
        deadline = time.monotonic() + 5
        for worker in self._workers:
            worker.end(deadline - time.monotonic())
        self._workers.clear()

    @property
    def free(self) -> int:
        """Workers without a task."""
        return sum(w.task is None for w in self._workers)

    @property
    def pids(self) -> list[int]:
        """The workers' process numbers."""
        return [w.process.pid for w in self._workers]

    def submit(self, task: dict[str, Any]) -> None:
        """Give a task to a worker that has none."""
        worker = next(w for w in self._workers if w.task is None)
        worker.take(task)

    def outcome(self, seconds: float) -> Outcome | None:
        """The next task that ended.

        Raises:
            GraderError: workers die before they can take a task.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._end_late()
            try:
                worker, message = self._events.get(timeout=min(left, 1.0))
            except queue.Empty:
                continue
            if message is None:
                if (ended := self._replaced(worker)) is not None:
                    return ended
            elif "ready" in message:
                self._failed_starts, worker.ready = 0, True
            else:
                worker.task = None
                if "result" in message:
                    return Done(message["id"], message["result"])
                return Died(message["id"], message["failed"])
        return None

    def _start(self) -> None:
        self._started += 1
        folder = self._folder / str(self._started)
        folder.mkdir()
        folder.chmod(0o711)  # a student's process with a user of its own passes through
        self._workers.add(_Worker(self._settings, folder, self._events))

    def _replaced(self, worker: _Worker) -> Outcome | None:
        """Put another worker into the place of one that is gone; what became of its task."""
        self._workers.discard(worker)
        reason = worker.end(5)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise GraderError(f"workers can't be started: {reason}")
        task = worker.task
        self._start()
        if task is None:
            return None
        if not worker.ready:  # it never saw the task
            self.submit(task)
            return None
        return Died(task["id"], reason)

    def _end_late(self) -> None:
        for worker in self._workers:
            if worker.task is not None and time.monotonic() - worker.began > self._seconds:
                worker.kill(f"it took longer than {self._seconds:g} s")


class _Worker:
    """One process and the thread that hears it."""

    def __init__(
        self, settings: dict[str, Any], folder: Path, events: queue.SimpleQueue[_Event]
    ) -> None:
        self.task: dict[str, Any] | None = None
        self.began = 0.0
        self.ready = False
        self._folder = folder
        self._reason = ""
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
            start_new_session=True, env={**os.environ, **single, "TMPDIR": str(folder)},
        )  # fmt: skip
        self._write(settings)
        threading.Thread(target=self._hear, args=(events,), daemon=True).start()

    def _hear(self, events: queue.SimpleQueue[_Event]) -> None:
        stream = cast(BinaryIO, self.process.stdout)
        while True:
            try:
                message = receive(stream)
            except (OSError, ValueError):
                message = None
            events.put((self, message))
            if message is None:
                return

    def _write(self, message: dict[str, Any]) -> None:
        stdin = cast(BinaryIO, self.process.stdin)
        with contextlib.suppress(OSError, ValueError):  # it is gone: its thread hears of it
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()

    def take(self, task: dict[str, Any]) -> None:
        """Begin a task."""
        self.task, self.began = task, time.monotonic()
        self._write(task)

    def dismiss(self) -> None:
        """Tell it to end: it ends the student's process first."""
        with contextlib.suppress(OSError, ValueError):
            cast(BinaryIO, self.process.stdin).close()

    def kill(self, reason: str) -> None:
        """End it at once."""
        self._reason = self._reason or reason
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def end(self, seconds: float) -> str:
        """Wait for its end, then force it; remove its files. Why it ended, in a few words."""
        self.dismiss()
        try:
            status = self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self.kill("it did not end")
            status = self.process.wait()
        self._complaints.seek(0)
        tail = self._complaints.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        self._complaints.close()
        end_left(self._folder)
        remove(self._folder)  # a student may have made folders that nobody may enter
        if self._reason:
            return self._reason
        if status < 0:
            return f"the worker was ended by signal {-status} ({signal.strsignal(-status)})"
        said = f" ({tail[-1][:200]})" if tail else ""
        return f"the worker ended with status {status}{said}"
