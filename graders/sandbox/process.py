"""One student process: its start, its pipes and its certain end."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graders.errors import MachineError, UsageError
from graders.sandbox.forkserver import SCRATCH_BYTES, Forked, ForkServer, Kind, servers
from graders.sandbox.isolation import NOT_STARTED, Isolation, Wanted, reaches, refusal, tree
from graders.sandbox.isolation.folders import Folder
from graders.sandbox.isolation.walls import Ground, Walls
from graders.sandbox.isolation.watcher import Watcher
from graders.sandbox.launching import Launched, NotStarted, Spawned, was_killed
from graders.sandbox.sgworker import wire
from graders.sandbox.waiting import Came

_SEND_SECONDS = 30.0  # between two requests it reads at once
_MOST_STARTS = 4  # of one that is killed while it starts
Frame = tuple[dict[str, Any], list[np.ndarray]]


@dataclass(frozen=True)
class Limits:
    """What one student process may use. Bytes and seconds; `None` means no limit."""

    memory_bytes: int | None = 4 * 2**30
    file_bytes: int | None = 256 * 2**20
    scratch_bytes: int = SCRATCH_BYTES
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
_ended_by_others = 0


def ended_by_others() -> int:
    """How many student processes of this interpreter ended by a SIGKILL that was none of ours.

    A person's, the machine's for want of memory, or the process's own: it can't be told which, but
    the first two do not come again when the submission is graded again.
    """
    return _ended_by_others


def end_all() -> None:
    """Kill every student process of this interpreter and let no other one start: the end."""
    global _no_more
    _no_more = True
    kill_running()
    servers.close(for_good=True)


def kill_running() -> None:
    """Kill the student processes that run in this interpreter."""
    for process in list(_running):
        process.kill()


@dataclass(eq=False)
class StudentProcess:
    """A fresh process with the student's code in it. Use as a context manager.

    It is forked from a process that has done the imports (`forkserver`), or started by itself
    where there are no walls, in a scratch folder of its own; `close` ends all that it started
    and removes the folder. `isolation` is what was observed to be in force. `preload` names
    modules of large packages that its cells will import; `barred` are packages that are absent, and
    parts of them that are not.
    """

    python: str = sys.executable
    limits: Limits = field(default_factory=Limits)
    mnist: Path | None = None
    companions: tuple[tuple[str, Path], ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    preload: tuple[str, ...] = ()
    barred: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def __post_init__(self) -> None:
        self.hello: dict[str, Any] = {}
        self.isolation: Isolation = NOT_STARTED
        self._frames: deque[Frame] = deque()
        self._decoder: Any = wire.Decoder()
        self._launched: Launched | None = None
        self._server: ForkServer | None = None
        self._folder: Folder | None = None
        self._walls: Walls | None = None
        self._watcher: Watcher | None = None
        self._ended_for = ""
        self._ours = False  # its end is our doing
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
        for _ in range(_MOST_STARTS):
            failure = self._attempt()
            if failure is None:
                break
            worn = self._server is not None and self._server.uses > 1
            self._end()
            if _no_more or not (failure.killed or worn):
                break
        if failure is not None or self._walls is None or self._launched is None:
            self.close()
            if failure is not None and failure.killed:
                raise UsageError(
                    f"the student's process was killed each time that it started ({failure}); "
                    "is there enough memory?"
                )
            if failure is not None and failure.refused:
                raise MachineError(
                    f"this machine refuses what the student's process needs ({failure}); "
                    "what is not judged yet stays unknown"
                )
            raise UsageError(
                f"--student-python {self.python}: the student's process did not start "
                f"({failure}); it needs Python 3.8 or newer with numpy and ipython"
            )
        walls = self._walls
        self.isolation = walls.judge(self.hello)
        if not reaches(self.isolation.level, self.wanted.required):
            self.close()
            raise refusal(self.isolation, self.wanted.required)
        folder = None if walls.ground.in_memory else walls.home
        self._watcher = Watcher(
            self._launched.pid, folder, self.limits.scratch_bytes, self._end_for
        )
        self._watcher.start()

    def _attempt(self) -> NotStarted | None:
        """Start once; None or what went wrong."""
        student_in, self._to_student = os.pipe()
        self._from_student, student_out = os.pipe()
        os.set_blocking(self._to_student, False)  # what has no room, the process does not read
        self._decoder, self._ended_for, self._ours = wire.Decoder(), "", False
        try:
            walls = self._walls = Walls(self._ground(), secrets.token_hex(8))
            walls.lay_out(self.companions)
            self._launched = self._launch(student_in, student_out)
        except NotStarted as failure:
            return failure
        finally:
            os.close(student_in)
            os.close(student_out)
        try:
            self.send({"op": "settings", **self._settings(walls)})
            self.hello, _ = self.receive(time.monotonic() + self.limits.start_seconds)
        except (ProcessDied, ReplyTimeout) as error:
            said = self._launched.complaint if isinstance(self._launched, Spawned) else ""
            status = self._launched.status(0)
            killed = was_killed(status) or (status is None and self._server_is_gone)
            return NotStarted(said or str(error) or "it does not answer", killed)
        return None

    @property
    def _server_is_gone(self) -> bool:
        """True if the server has ended, which no student's code can bring about."""
        return self._server is not None and self._server.ended(2.0)

    def _ground(self) -> Ground:
        kind = Kind(self.python, self.wanted.ceiling, self.limits.scratch_bytes)
        if kind.possible:
            self._server = servers.take(kind, self.limits.start_seconds)
            return self._server.ground
        self._folder = Folder()
        return Ground(self.python, self._folder.path, self.wanted, self.limits.scratch_bytes)

    def _launch(self, student_in: int, student_out: int) -> Launched:
        assert self._walls is not None
        if self._server is not None:
            seconds = self.limits.start_seconds
            return self._server.fork(student_in, student_out, self.preload, seconds)
        return Spawned(self._walls.ground, student_in, student_out, secrets.token_hex(16))

    def _settings(self, walls: Walls) -> dict[str, Any]:
        mnist = walls.ground.place(self.mnist) if self.mnist else None
        return {
            **walls.settings([mnist] if mnist else []),
            "memory_bytes": self.limits.memory_bytes,
            "file_bytes": self.limits.file_bytes,
            "open_files": self.limits.open_files,
            "cpu_seconds": self.limits.cpu_seconds,
            "output_chars": self.limits.output_chars,
            "mnist": str(mnist) if mnist else None,
            "path": [str(walls.work)],
            "barred": [list(names) for names in self.barred],
            "own": sorted({Path(name).parts[0].removesuffix(".py") for name, _ in self.companions}),
        }

    # -- the connection ------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """Its number; 0 before it has one."""
        return self._launched.pid if self._launched is not None else 0

    @property
    def reader(self) -> int:
        """The file descriptor that replies arrive on."""
        return self._from_student

    def send(self, header: dict[str, Any], arrays: list[np.ndarray] | None = None) -> None:
        """Send a request. Raises ProcessDied if nobody listens any more."""
        data = memoryview(wire.encode(header, arrays or []))
        deadline = time.monotonic() + _SEND_SECONDS
        while data:
            if self._launched is None:
                raise ProcessDied(self.death())
            came = self._launched.wait(self._to_student, deadline, writing=True)
            if came is Came.LATE or time.monotonic() > deadline:
                raise ProcessDied("the process does not read what it is sent")
            if came is Came.ENDED:
                raise ProcessDied(self.death())
            try:
                data = data[os.write(self._to_student, data[:65536]) :]
            except BlockingIOError:
                continue
            except OSError as error:
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
            if self._launched is None:
                raise ProcessDied(self.death())
            came = self._launched.wait(self._from_student, deadline)
            if came is Came.LATE or time.monotonic() > deadline:
                raise ReplyTimeout
            if came is Came.ENDED or not self.pump():
                raise ProcessDied(self.death())
        return self._frames.popleft()

    # -- the end -------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._launched is not None and self._launched.alive

    def interrupt(self) -> None:
        """What Ctrl-C would do."""
        if self._launched is not None and self._launched.alive:
            self._launched.send_signal(signal.SIGINT)

    def death(self) -> str:
        """How the process ended, in words."""
        if self._ended_for:
            return self._ended_for
        if self._launched is None:
            return "it was never started"
        code = self._launched.status(2)
        gone = code is None and self._server_is_gone
        if code is None:
            said = "it closed its connection"
            if gone:
                said = "it was ended from outside, with its fork server"
        elif code >= 0:
            said = f"it ended by itself with exit status {code}"
        else:
            try:
                said = f"it was ended by {signal.Signals(-code).name}"
            except ValueError:
                said = f"it was ended by signal {-code}"
        self._ended_for = said
        if not self._ours and (code == -signal.SIGKILL or gone):
            global _ended_by_others
            _ended_by_others += 1
        return said

    def _end_for(self, reason: str) -> None:
        self._ended_for = reason
        self.kill()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._launched is None:
            return
        self._ours = self._ours or self._launched.alive
        self._launched.kill()
        if "fork" in self.isolation.acts and self._walls is not None:
            if self._walls.uid is not None:
                tree.kill_user(self._walls.uid)
            elif self._server is not None:
                tree.kill_marked(self._server.mark)

    def close(self) -> None:
        """End all of it, close the pipes, remove the scratch folder. Safe to repeat."""
        if self._watcher is not None:
            self._watcher.stop()
        self._end()
        _running.discard(self)

    def _end(self) -> None:
        as_it_should = not self._ended_for and self.alive
        self.kill()
        for fd in (self._to_student, self._from_student):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self._to_student = self._from_student = -1
        server, self._server = self._server, None
        if server is not None:
            self._leave(server, as_it_should)
        if self._walls is not None:
            self._walls.release()
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def _leave(self, server: ForkServer, as_it_should: bool) -> None:
        """Give the server back if nothing can be left of the process, else end it, too."""
        if as_it_should and not self.isolation.acts and isinstance(self._launched, Forked):
            walls = self._walls
            home = str(walls.home) if walls is not None and walls.ground.in_memory else None
            uid = walls.uid if walls is not None else None
            if self._launched.ended(home, uid) == -signal.SIGKILL:
                servers.give_back(server)
                return
        servers.drop(server)
