"""Workers on this machine: long-lived processes, replaced when they die."""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any, cast

from graders import own
from graders.batch.executor import Died, Done, Outcome
from graders.errors import GraderError
from graders.frames import Frames
from graders.sandbox.isolation.folders import end_left, remove
from graders.sandbox.waiting import Came, Life

PREFIX = "scratchgrade-batch-"
MAX_SECONDS = 1_800.0
_START_SECONDS = 300.0
_WRITE_SECONDS = 30.0  # a worker reads at once what it is sent
_STARTS = 3  # deaths before the greeting in a row: it is not a submission that does it
_Event = tuple["_Worker", "dict[str, Any] | None"]


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
            if worker not in self._workers:
                continue  # it was replaced, and its task given to another
            if message is None:
                if (ended := self._replaced(worker)) is not None:
                    return ended
            elif "ready" in message:
                self._failed_starts, worker.ready = 0, True
            else:
                worker.task = None
                if "result" in message:
                    return Done(message["id"], message["result"])
                return Died(message["id"], message["failed"], scarce=message["scarce"])
        return None

    def _start(self) -> None:
        self._started += 1
        folder = self._folder / str(self._started)
        folder.mkdir()
        folder.chmod(0o711)  # a student's process with a user of its own passes through
        try:
            worker = _Worker(self._settings, folder, self._events)
        except OSError as error:
            raise GraderError(f"workers can't be started: {error.strerror or error}") from error
        self._workers.add(worker)

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
            elif not worker.ready and time.monotonic() - worker.started > _START_SECONDS:
                worker.kill(f"it did not start within {_START_SECONDS:g} s")


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
            [sys.executable, "-P", "-c", own.program("graders.batch.worker")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
            start_new_session=True, env={**os.environ, **single, "TMPDIR": str(folder)},
        )  # fmt: skip
        self.started = time.monotonic()
        self._life = Life(self.process.pid, lambda: self.process.poll() is None)
        self._stdin = cast(IO[bytes], self.process.stdin)
        os.set_blocking(self._stdin.fileno(), False)
        self._write(settings)
        self._hearing = threading.Thread(target=self._hear, args=(events,), daemon=True)
        self._hearing.start()

    def _hear(self, events: queue.SimpleQueue[_Event]) -> None:
        """Until it ends, or sends what is no frame; `outcome` ends one that takes too long."""
        stream = cast(IO[bytes], self.process.stdout).fileno()
        frames = Frames()
        with contextlib.suppress(OSError, ValueError):
            while self._life.wait(stream, math.inf) is Came.READY:
                data = os.read(stream, 1 << 18)
                if not data:
                    break
                for message in frames.feed(data):
                    events.put((self, message))
        events.put((self, None))

    def _write(self, message: dict[str, Any]) -> None:
        data = memoryview(json.dumps(message).encode() + b"\n")
        deadline = time.monotonic() + _WRITE_SECONDS
        with contextlib.suppress(OSError, ValueError):  # it is gone: its thread hears of it
            while data:
                came = self._life.wait(self._stdin.fileno(), deadline, writing=True)
                if came is Came.LATE:
                    self.kill("it does not read what it is sent")
                if came is not Came.READY:
                    return
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self._stdin.fileno(), data) :]

    def take(self, task: dict[str, Any]) -> None:
        """Begin a task."""
        self.task, self.began = task, time.monotonic()
        self._write(task)

    def dismiss(self) -> None:
        """Tell it to end: it ends the student's process first."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()

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
        self._hearing.join(5)  # the process is gone, and so is what it had to say
        self._life.close()
        cast(IO[bytes], self.process.stdout).close()
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
