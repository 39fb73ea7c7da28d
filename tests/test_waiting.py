"""Whoever waits for a process learns of its end, also where another one holds its connection."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.processes import children
from graders.batch.executor import Done
from graders.batch.local import LocalExecutor
from graders.batch.work import settings_of
from graders.errors import UsageError
from graders.grading import Request
from graders.sandbox import process as processes
from graders.sandbox.forkserver import ForkServer, ForkServers, Kind
from graders.sandbox.isolation import Wanted, bubblewrap
from graders.sandbox.launching import NotStarted
from graders.sandbox.process import ProcessDied, StudentProcess
from graders.sandbox.waiting import Came, Life

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
FAR = 60.0  # seconds: a test that needs them has failed
# A process that dies and leaves another one with all that it had open.
LEAVES = "import os, time\nif os.fork() == 0:\n    time.sleep({far})\nos.kill(os.getpid(), 9)\n"


@pytest.fixture
def far() -> Iterator[str]:
    """Seconds as no other test has them, by which those are known that this one leaves on purpose: they are ended."""
    seconds = f"{FAR + random.uniform(0.1, 9.9):.9f}"
    yield seconds
    for place in Path("/proc").glob("[0-9]*"):
        if seconds in _command(place):
            os.kill(int(place.name), signal.SIGKILL)


def _command(place: Path) -> str:
    try:
        return (place / "cmdline").read_text(errors="replace")  # a name need not be UTF-8
    except OSError:
        return ""


@pytest.mark.parametrize("handles", [True, False])
def test_the_end_of_a_process_is_seen_though_its_pipe_is_held(
    handles: bool, far: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not handles:  # as before Linux 5.3, and on macOS
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    line = [sys.executable, "-c", LEAVES.format(far=far)]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as popen:
        assert popen.stdout is not None
        life = Life(popen.pid, lambda: popen.poll() is None)
        came = life.wait(popen.stdout.fileno(), time.monotonic() + FAR)
        life.close()
        popen.stdout.close()
    assert came is Came.ENDED


def test_what_a_process_said_before_its_end_is_read_first() -> None:
    with subprocess.Popen([sys.executable, "-c", "print(1)"], stdout=subprocess.PIPE) as popen:
        assert popen.stdout is not None
        life = Life(popen.pid, lambda: popen.poll() is None)
        assert life.wait(None, time.monotonic() + FAR) is Came.ENDED
        assert life.wait(popen.stdout.fileno(), time.monotonic() + FAR) is Came.READY
        life.close()


def test_waiting_has_a_limit() -> None:
    reading, writing = os.pipe()
    life = Life(os.getpid(), lambda: True)
    assert life.wait(reading, time.monotonic() + 0.01) is Came.LATE
    for descriptor in (reading, writing):
        os.close(descriptor)
    life.close()


def test_a_fork_server_that_is_killed_is_missed_though_another_holds_its_connection(
    tmp_path: Path, far: str
) -> None:
    """As bubblewrap's child does, where bubblewrap is killed between its first two steps."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nsleep {far} &\nkill -9 $$\n")
    program.chmod(0o755)
    pool = ForkServers()
    with pytest.raises(NotStarted, match="exit status -9") as raised:
        pool.take(Kind(str(program), "kernel", 2**20), FAR)
    assert raised.value.killed
    assert not pool._all


def test_a_server_that_another_thread_closes_is_missed_by_who_waits_for_it(
    tmp_path: Path, far: str
) -> None:
    program = tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *--fork*) sleep {far};; *) exec {sys.executable} "$@";; esac\n'
    )
    program.chmod(0o755)
    server = ForkServer(Kind(str(program), "kernel", 2**20), False)
    with ThreadPoolExecutor(1) as waiting:
        said = waiting.submit(server.wait, FAR)
        time.sleep(0.1)
        server.close()
        with pytest.raises(NotStarted):
            said.result(FAR)
    with pytest.raises(NotStarted, match="stopped"):  # it came too late
        server.wait(FAR)
    assert server.end(1, FAR, None, None) is None


def test_walls_are_not_taken_down_because_somebody_killed_a_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if why := bubblewrap.absent():
        pytest.skip(f"no bubblewrap here: {why}")
    started: list[ForkServer] = []
    start = ForkServers._start

    def start_and_kill(self: ForkServers, kind: Kind) -> ForkServer:
        server = start(self, kind)
        started.append(server)
        assert server._popen is not None
        if len(started) == 1:
            server._popen.kill()
        return server

    monkeypatch.setattr(ForkServers, "_start", start_and_kill)
    pool = ForkServers()
    server = pool.take(Kind(sys.executable), FAR)
    assert len(started) == 2
    assert server.ground.in_memory
    pool.close()


def test_a_second_start_has_as_long_as_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    class Late:
        """A server that does not answer."""

        ground = SimpleNamespace(in_memory=True)

        def wait(self, seconds: float) -> None:
            given.append(seconds)
            raise NotStarted("it does not answer")

        def close(self) -> None: ...

    monkeypatch.setattr(ForkServers, "_start", lambda self, kind: Late())
    with pytest.raises(NotStarted, match="does not answer"):
        ForkServers().take(Kind(sys.executable), 7.0)
    assert given == [7.0, 7.0]


def test_a_process_that_is_killed_while_it_starts_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[int] = []
    launch = StudentProcess._launch

    def launch_and_kill(self: StudentProcess, *ends: int) -> Any:
        launched = launch(self, *ends)
        starts.append(launched.pid)
        if len(starts) < 3:
            launched.kill()
        return launched

    monkeypatch.setattr(StudentProcess, "_launch", launch_and_kill)
    with StudentProcess() as process:
        assert process.alive
    assert len(starts) == 3


# An interpreter whose forks are killed, as many as the file says, before or after their answer.
KILLED_AT_BIRTH = """\
import os, runpy, sys
sys.argv[:] = sys.argv[[a.endswith("start.py") for a in sys.argv].index(True):]
def killed():
    left = int(open({left!r}).read())
    if left:
        open({left!r}, "w").write(str(left - 1))
        os.kill(os.getpid(), 9)
begin, opened = os.setsid, open
if {answers}:
    import builtins
    class Sign:
        def __init__(self, file): self.file = file
        def __enter__(self): return self
        def __exit__(self, *_): self.file.close()
        def close(self): self.file.close()
        def write(self, data): killed(); self.file.write(data)
    def signs(file, *how, **more):
        made = opened(file, *how, **more)
        return Sign(made) if how == ("wb", 0) else made
    builtins.open = signs
else:
    os.setsid = lambda: (killed(), begin())
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("kills", [1, 99])
def test_a_process_that_is_killed_at_its_birth_is_started_again(
    tmp_path: Path, answers: bool, kills: int
) -> None:
    left, program, patch = tmp_path / "left", tmp_path / "python", tmp_path / "patch.py"
    left.write_text(str(kills))
    patch.write_text(KILLED_AT_BIRTH.format(left=str(left), answers=answers))
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *--fork*) exec {sys.executable} -s -B {patch} "$@";; esac\n'
        f'exec {sys.executable} "$@"\n'
    )
    program.chmod(0o755)
    process = StudentProcess(python=str(program), wanted=Wanted("limits", "kernel"))
    began = time.monotonic()
    if kills == 1:
        with process:
            assert process.alive
        assert left.read_text() == "0"
    else:
        with pytest.raises(UsageError, match="was killed each time that it started"):
            process.start()
    assert time.monotonic() - began < process.limits.start_seconds, "it waited for nobody"


def test_a_server_is_missed_whose_bubblewrap_ends_later_than_its_pipes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if why := bubblewrap.absent():
        pytest.skip(f"no bubblewrap here: {why}")
    starts: list[int] = []
    launch = StudentProcess._launch

    def launch_and_lose_the_server(self: StudentProcess, *ends: int) -> Any:
        launched = launch(self, *ends)
        starts.append(launched.pid)
        if len(starts) == 1:
            assert self._server is not None and self._server._popen is not None
            outer = self._server._popen
            outer.send_signal(signal.SIGSTOP)  # as one that has no turn yet
            for inner in children(outer.pid):
                os.kill(inner, signal.SIGKILL)
            threading.Timer(0.5, outer.send_signal, [signal.SIGCONT]).start()
        return launched

    monkeypatch.setattr(StudentProcess, "_launch", launch_and_lose_the_server)
    with StudentProcess() as process:
        assert process.alive
    assert len(starts) == 2


def test_a_process_that_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a pipe holds: the rest waits for somebody to read."""
    monkeypatch.setattr(processes, "_SEND_SECONDS", 0.2)
    with StudentProcess() as process:
        assert process._launched is not None
        process._launched.send_signal(signal.SIGSTOP)
        with pytest.raises(ProcessDied, match="does not read"):
            process.send({"op": "run"}, [np.zeros(2**20)])


def test_the_end_of_a_students_process_is_seen_though_another_holds_its_pipe() -> None:
    """Where nothing keeps it from starting processes."""
    with StudentProcess(wanted=Wanted("limits", "limits")) as process:
        process.send({"op": "cell", "id": "1", "index": 0, "code": LEAVES.format(far=FAR)})
        with pytest.raises(ProcessDied, match="SIGKILL"):
            process.receive(time.monotonic() + FAR)


def test_what_a_replaced_worker_said_is_not_heard(tmp_path: Path) -> None:
    settings = settings_of(Request(tmp_path, sprint="cnn1"))
    with LocalExecutor(1, settings, tmp_path) as executor:
        [worker] = executor._workers
        worker.task = {"id": "a"}
        gone: Any = object()
        executor._events.put((gone, {"id": "a", "result": {"status": "of the gone one"}}))
        executor._events.put((gone, None))
        executor._events.put((worker, {"id": "a", "result": {"status": "right"}}))
        assert executor.outcome(FAR) == Done("a", {"status": "right"})
        assert executor.pids == [worker.process.pid]
