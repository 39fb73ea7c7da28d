"""Warm starts: processes that have done the imports, and the students' processes forked from them.

A fork server stands behind the outer walls and runs no student code (`sgworker.forkserver`). One
student's process at a time is forked from it; when that one ended as it should, the server is kept
for the next. After anything else (a death, a time-out, a level at which processes could have been
started) the server is ended as well, and with it all that there was.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import Any

from graders.sandbox.isolation import Level, Wanted, tree
from graders.sandbox.isolation.folders import Folder, sweep
from graders.sandbox.isolation.walls import Ground
from graders.sandbox.launching import NotStarted, last_line, start, was_killed
from graders.sandbox.waiting import Came, Life

SCRATCH_BYTES = 512 * 2**20
_LARGEST = 65536
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
_MOST_IDLE = 4
_ENDING_SECONDS = 0.5
_MOST_KILLED = 3  # servers that are killed while they start, before it is taken for their own doing
_MOST_USES = 500  # what libraries leak in the server is forked into every process


@dataclass(frozen=True)
class Kind:
    """What a fork server must be like to serve a student's process."""

    python: str
    ceiling: Level = "full"
    scratch_bytes: int = SCRATCH_BYTES

    @property
    def possible(self) -> bool:
        """False where there are no walls to fork behind, or no way to hand over descriptors."""
        return self.ceiling != "limits" and sys.platform.startswith("linux")


class ForkServer:
    """One server. `fork` waits until it has started."""

    def __init__(self, kind: Kind, with_bubblewrap: bool = True) -> None:
        """Begin to start it.

        Raises:
            NotStarted: the interpreter can't be started.
        """
        self.kind = kind
        self.mark = secrets.token_hex(16)
        self.uses = 0
        self._folder = Folder()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._ready = self._closed = False
        self._popen: subprocess.Popen[bytes] | None = None
        self._life: Life | None = None
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        ours.setblocking(False)  # what it has no room for, it does not read
        self._connection = ours
        try:
            wanted = Wanted(ceiling=kind.ceiling)
            self.ground = Ground(
                kind.python, self._folder.path, wanted, kind.scratch_bytes, with_bubblewrap
            )
            arguments = ["--fork", str(theirs.fileno())]
            popen = start(self.ground, arguments, (theirs.fileno(),), self.mark, self._errors)
            self._popen, self._life = popen, Life(popen.pid, lambda: popen.poll() is None)
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()

    def wait(self, seconds: float) -> None:
        """Wait until it has started.

        Raises:
            NotStarted: it did not; the text says why.
        """
        if not self._ready:
            message, _ = self._hear(time.monotonic() + seconds)
            if message.get("threads") != 1:
                raise NotStarted("it has threads before it has anything to do")
            self._ready = True

    def preload(self, modules: tuple[str, ...]) -> None:
        """Have modules imported as soon as it has started; nothing is waited for."""
        if modules:
            with contextlib.suppress(OSError):
                self._connection.send(json.dumps({"op": "preload", "modules": modules}).encode())

    def fork(
        self, student_in: int, student_out: int, preload: tuple[str, ...], seconds: float
    ) -> Forked:
        """A student's process on these ends of its pipes, which are closed here by the caller.

        Raises:
            NotStarted: there is none; the server should be closed.
        """
        deadline = time.monotonic() + seconds
        self.wait(seconds)
        self.uses += 1
        request = json.dumps({"op": "fork", "modules": preload}).encode()
        try:
            socket.send_fds(self._connection, [request], [student_in, student_out])
        except OSError as error:
            raise NotStarted(f"its fork server is gone ({error.strerror})", True) from error
        message, sender = self._hear(deadline)
        if message.get("op") == "stillborn":
            raise NotStarted("the new process was killed", True)
        if message.get("op") != "forked":
            raise NotStarted(f"it can't be forked ({message.get('reason')})")
        return Forked(self, sender, int(message["pid"]))

    def end(self, number: int, seconds: float, home: str | None, uid: int | None) -> int | None:
        """The exit status of process `number` (its own count); then its folder is removed.

        None if it has not ended after `seconds`, or if the server is gone.
        """
        request = {"op": "end", "pid": number, "seconds": seconds, "home": home, "uid": uid}
        try:
            with self._lock:
                self._connection.send(json.dumps(request).encode())
                deadline = time.monotonic() + seconds + 5
                message, _ = self._hear(deadline)
                if message.get("op") == "stillborn":  # it was killed just after its own answer
                    message, _ = self._hear(deadline)
        except (OSError, NotStarted):
            return None
        status = message.get("status")
        return os.waitstatus_to_exitcode(status) if isinstance(status, int) else None

    def _hear(self, deadline: float) -> tuple[dict[str, Any], int]:
        """Its next message and the number of the process that sent it.

        Where bubblewrap is killed between its first two steps, its child waits for it for ever and
        holds the other end of the connection: so the process is looked at, too. Another thread that
        stops the grading may close it meanwhile.

        Raises:
            NotStarted: it is gone, or says nothing until `deadline`.
        """
        try:
            return self._heard(deadline)
        except (OSError, ValueError):
            if self._closed:
                raise NotStarted("the grading was stopped") from None
            raise

    def _heard(self, deadline: float) -> tuple[dict[str, Any], int]:
        assert self._popen is not None and self._life is not None
        came = self._life.wait(self._connection.fileno(), deadline)
        if came is Came.LATE:
            raise NotStarted("it does not answer")
        space = socket.CMSG_SPACE(_CREDENTIALS.size)
        data = b""
        others: list[tuple[int, int, bytes]] = []
        if came is Came.READY:
            with contextlib.suppress(ConnectionError):
                data, others, _, _ = self._connection.recvmsg(_LARGEST, space)
        if not data:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(2)
            said = last_line(self._errors)
            status = self._popen.poll()
            raise NotStarted(said or f"it ended with exit status {status}", was_killed(status))
        sender = 0
        for level, kind, content in others:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                sender = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
        message: dict[str, Any] = json.loads(data)
        return message, sender

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return not self._closed and self._popen is not None and self._popen.poll() is None

    def ended(self, seconds: float) -> bool:
        """True if it has ended, or does so in as many seconds: its pipes close before its bubblewrap ends."""
        if self.alive and self._popen is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(seconds)
        return not self.alive

    @property
    def idle(self) -> bool:
        """True if it waits for a request."""
        return (
            self.alive
            and self._life is not None
            and not (self._ready and self._life.wait(self._connection.fileno(), 0) is Came.READY)
        )

    def close(self, gently: bool = False) -> None:
        """End it and all that it forked, and remove its folder. Safe to repeat.

        `gently`: where it waits for a request it ends itself, and its times are counted as ours.
        """
        if self._closed:
            return
        self._closed = True
        if self._popen is not None:
            if gently:
                self._connection.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._popen.wait(_ENDING_SECONDS)
            tree.kill_group(self._popen.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(10)
            if self._life is not None:
                self._life.close()
        self._connection.close()
        self._errors.close()
        self._folder.close()


class Forked:
    """A student's process that was forked from a server."""

    def __init__(self, server: ForkServer, pid: int, number: int) -> None:
        """`pid`: its number here; `number`: the one that the server knows it by."""
        self.server = server
        self.pid = pid
        self._number = number
        self._asked = False
        self._status: int | None = None
        self._lock = threading.Lock()
        self._life = Life(pid, lambda: not self._asked and tree.runs(pid))

    @property
    def alive(self) -> bool:
        """True while it runs."""
        with self._lock:
            return not self._asked and not self._life.ended

    def wait(self, descriptor: int, deadline: float, writing: bool = False) -> Came:
        """Wait until the descriptor can be read or written, as long as it runs."""
        return self._life.wait(descriptor, deadline, writing)

    def status(self, seconds: float) -> int | None:
        """Its exit status, or minus the signal that ended it; None if it still runs by then."""
        if not self._asked and self._life.wait(None, time.monotonic() + seconds) is Came.LATE:
            return None
        return self.ended(None, None)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there to be sent one."""
        with self._lock:
            if self._asked:
                return
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if self._life.handle >= 0:
                    signal.pidfd_send_signal(self._life.handle, number)
                else:
                    os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def ended(self, home: str | None, uid: int | None) -> int | None:
        """Its status, once it has ended; what it left in `home` is removed."""
        with self._lock:
            first, self._asked = not self._asked, True
            self._life.close()
        if first:
            self._status = self.server.end(self._number, 10.0, home, uid)
        return self._status


class ForkServers:
    """The servers of this process: who needs one takes it and gives it back."""

    def __init__(self) -> None:
        self._idle: list[ForkServer] = []
        self._all: set[ForkServer] = set()
        self._lock = threading.Lock()
        self._no_more = False
        self._without_bubblewrap: set[Kind] = set()
        self._swept = False

    def prepare(self, kind: Kind, modules: tuple[str, ...] = ()) -> None:
        """Begin to start one, unless one is there: whoever takes it waits the less.

        `modules` of large packages are imported in it, for what will be forked from it.
        """
        with self._lock:
            if self._no_more or not kind.possible or any(s.kind == kind for s in self._idle):
                return
        with contextlib.suppress(NotStarted):
            server = self._start(kind)
            server.preload(modules)
            self.give_back(server)

    def take(self, kind: Kind, seconds: float) -> ForkServer:
        """One that has started, for one process at a time; each start has so many seconds.

        Raises:
            NotStarted: none can be started; the text says why.
        """
        killed = 0
        while True:
            with self._lock:
                found = next((s for s in self._idle if s.kind == kind), None)
                if found is not None:
                    self._idle.remove(found)
            server = found or self._start(kind)
            if found is not None and not found.idle:
                self.drop(found)
                continue
            try:
                server.wait(seconds)
                return server
            except NotStarted as error:
                in_memory = server.ground.in_memory
                self.drop(server)
                if error.killed and killed < _MOST_KILLED:
                    killed += 1  # walls are not taken down because somebody killed a process
                elif in_memory and kind not in self._without_bubblewrap:
                    self._without_bubblewrap.add(kind)
                else:
                    raise

    def _start(self, kind: Kind) -> ForkServer:
        if self._no_more:
            raise NotStarted("the grading was stopped")
        if not self._swept:
            self._swept = True
            sweep()
        server = ForkServer(kind, kind not in self._without_bubblewrap)
        with self._lock:
            self._all.add(server)
        return server

    def give_back(self, server: ForkServer) -> None:
        """Keep it for the next process; its last one must be gone."""
        with self._lock:
            if server.uses < _MOST_USES and len(self._idle) < _MOST_IDLE and not self._no_more:
                self._idle.append(server)
                return
        self.drop(server)

    def drop(self, server: ForkServer) -> None:
        """End it."""
        server.close()
        with self._lock:
            self._all.discard(server)

    def close(self, for_good: bool = False) -> None:
        """End all of them; `for_good`: and let no other one start."""
        self._no_more = self._no_more or for_good
        with self._lock:
            every, idle = list(self._all), set(self._idle)
            self._all, self._idle = set(), []
        for server in every:
            server.close(gently=server in idle and not for_good)


servers = ForkServers()
atexit.register(servers.close)
