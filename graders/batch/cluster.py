"""Workers of a Dask cluster: another executor, the same coordinator.

A submission's files travel with its task, and its report comes back: the cluster needs no folder in
common with this machine, where alone results are written. The cluster's machines are trusted as
this one is; each walls the student's code off as it can.
"""

from __future__ import annotations

import contextlib
import queue
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath
from typing import Any

from graders import __version__
from graders.batch.executor import Died, Done, Outcome
from graders.batch.model import Part
from graders.batch.staging import pieces_of
from graders.batch.work import Failed, grade_task
from graders.errors import GraderError

MAX_BYTES = 64 * 2**20  # of one submission: tasks go through the scheduler
_IN_FLIGHT = 2  # tasks a thread: one at work, one at hand
_PATIENCE = 15.0
_Files = list[tuple[str, bytes]]


def grade_remote(task: dict[str, Any], files: _Files, settings: dict[str, Any]) -> dict[str, Any]:
    """On a worker of the cluster: lay the files out, grade; the fields of a `Result`, or "failed"."""
    with tempfile.TemporaryDirectory(
        prefix="scratchgrade-task-", ignore_cleanup_errors=True
    ) as base:
        folder = Path(base, "submission")
        folder.mkdir()
        for name, content in files:
            place = folder.joinpath(*PurePosixPath(name).parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        task = {
            **task,
            "parts": [[n, str(folder.joinpath(*PurePosixPath(n).parts)), ""] for n, _ in files],
        }
        if task["whole"] is not None:
            task["whole"] = str(folder / task["whole"])
        settings = {**settings, "student_python": settings["student_python"] or sys.executable}
        try:
            return grade_task(task, settings)
        except Failed as failure:
            return {"failed": str(failure)}


def version() -> str:
    """On a worker: whose results these will be."""
    return __version__


class DaskExecutor:
    """Tasks go to the scheduler at `address`; as many as its workers can take, and one more each.

    A worker that dies loses nothing: Dask gives its tasks to others, and gives a task up that ends
    several workers in a row.

    Raises:
        GraderError: dask.distributed is not installed, there is no scheduler at the address, or a
            worker there has no or another Scratch Grader.
    """

    def __init__(self, address: str, settings: dict[str, Any]) -> None:
        try:
            import distributed
        except ImportError as error:
            raise GraderError(
                "--executor dask: needs dask.distributed: pip install 'scratchgrade[dask]'"
            ) from error
        self._address, self._settings = address, dict(settings)
        if self._settings["student_python"] == sys.executable:
            self._settings["student_python"] = ""  # each machine has its own
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._tasks: dict[str, tuple[str, Any]] = {}  # the future's key: (submission, future)
        self._threads, self._looked = 0, 0.0
        connect: Any = distributed.Client  # has no annotations
        try:
            self._client: Any = connect(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise GraderError(
                f"--scheduler {address}: no Dask scheduler there ({error})"
            ) from error

    def __enter__(self) -> DaskExecutor:
        try:
            found = self._client.run(version, on_error="return")
        except Exception as error:
            self._client.close(timeout=5)
            raise GraderError(f"--scheduler {self._address}: {error}") from error
        for worker, theirs in found.items():
            if theirs != __version__:
                self._client.close(timeout=5)
                raise GraderError(
                    f"--scheduler {self._address}: the worker at {worker} can't grade: Scratch "
                    f"Grader {__version__} is needed there, found: {theirs}"
                )
        if not found:
            print(f"no worker at {self._address} yet", file=sys.stderr, flush=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.cancel([future for _, future in self._tasks.values()])
        self._tasks.clear()
        self._client.close(timeout=5)

    @property
    def free(self) -> int:
        """How many more tasks the cluster would take now."""
        if time.monotonic() - self._looked > 2:
            self._looked = time.monotonic()
            with contextlib.suppress(OSError, TimeoutError):  # busy: it is asked again soon
                self._threads = sum(self._client.nthreads().values())
        return max(_IN_FLIGHT * self._threads, _IN_FLIGHT) - len(self._tasks)

    def submit(self, task: dict[str, Any]) -> None:
        """Give a task to the scheduler, with its files."""
        try:
            task, files = _with_files(task)
        except (OSError, GraderError) as error:
            self._ended.put(Died(task["id"], str(error)))
            return
        future = self._client.submit(grade_remote, task, files, self._settings, pure=False)
        self._tasks[future.key] = task["id"], future
        future.add_done_callback(self._ended.put)

    def outcome(self, seconds: float) -> Outcome | None:
        """The next task that ended.

        Raises:
            GraderError: the scheduler is gone.
        """
        try:
            ended = self._ended.get(timeout=seconds)
        except queue.Empty:
            self._must_be_there()
            return None
        return ended if isinstance(ended, Died) else self._outcome_of(ended)

    def _outcome_of(self, future: Any) -> Outcome | None:
        id_, _ = self._tasks[future.key]
        try:
            error = future.exception(timeout=_PATIENCE)
            result = {} if error is not None else future.result(timeout=_PATIENCE)
        except TimeoutError:
            # Its worker died before the result was fetched: Dask has it made again.
            self._must_be_there()
            future.add_done_callback(self._ended.put)
            return None
        except Exception as cancelled:  # the cluster's trouble never counts against a submission
            raise GraderError(
                f"--scheduler {self._address}: it gave up ({type(cancelled).__name__}); --resume goes on"
            ) from cancelled
        del self._tasks[future.key]
        if error is not None:
            final = type(error).__name__ == "KilledWorker"  # tried on several workers already
            return Died(id_, f"{type(error).__name__}: {error}"[:500], final)
        return Died(id_, result["failed"]) if "failed" in result else Done(id_, result)

    def _must_be_there(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise GraderError(
                f"--scheduler {self._address}: it is gone; --resume goes on when it is back"
            )


def _with_files(task: dict[str, Any]) -> tuple[dict[str, Any], _Files]:
    """The task without paths of this machine, and the files of the submission."""
    whole = None if task["whole"] is None else Path(task["whole"])
    parts = [Part(n, Path(p), m) for n, p, m in task["parts"]]
    files: _Files = []
    left = MAX_BYTES
    for part, pieces in pieces_of(whole, parts):
        content = b""
        for piece in pieces:
            content += piece
            left -= len(piece)
            if left < 0:
                raise GraderError(f"{task['shown']}: more than {MAX_BYTES // 2**20} MiB")
        files.append((part.name, content))
    if whole is None:
        return task, files
    return {**task, "whole": whole.name if whole.is_file() else "", "parts": []}, files
