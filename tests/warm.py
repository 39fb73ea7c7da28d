"""Commands of ours in processes that are forked from one that has done the imports.

Most tests of commands are about what a command does with a submission; to import NumPy, pytest and the
grader takes more than half of their time. `run` stands for `subprocess.run`: same command line, a process
of its own with a main module of its own, same streams. What is about the start itself (streams that are
closed, what lies in the current folder, signals, isolation) starts an interpreter, and so does `run`
where an interpreter would read something else in the environment than the one that it forks from.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
_LARGEST = 1 << 20
_MAINS = ("graders.cli", "pytest")
_OURS = (
    "graders.batch.command", "graders.commands", "graders.pytest_verdict", "graders.report.html",
    "graders.report.markdown", "graders.sandbox.kernel",
)  # fmt: skip
# What an interpreter, the C library or NumPy reads once, when it starts.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_", "OPENBLAS", "OMP_", "MKL_")


def run(
    line: Sequence[str],
    *,
    cwd: Path | str = ROOT,
    env: Mapping[str, str] | None = None,
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m MODULE ...`` and take what it writes; as `subprocess.run` does, and as it fails."""
    environment = dict(os.environ if env is None else env)
    if tuple(line[:2]) != (sys.executable, "-m") or line[2] not in _MAINS or not _possible():
        warm = False
    else:
        warm = _at_start(environment) == _at_start(dict(os.environ))
    if not warm:
        return subprocess.run(
            line, cwd=cwd, env=environment, capture_output=True, text=True, errors="replace",
            timeout=timeout, check=False,
        )  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        request = {"line": list(line[2:]), "cwd": str(cwd), "env": environment}
        status = _server().ask(request, (out, err), timeout, line)
        return subprocess.CompletedProcess(list(line), status, _text(out), _text(err))


def _possible() -> bool:
    return sys.platform.startswith("linux")


def _at_start(environment: dict[str, str]) -> dict[str, str]:
    return {
        k: v for k, v in environment.items()
        if k.startswith(_READ_AT_START) and k not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    }  # fmt: skip


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


class _Server:
    """The process that has done the imports; it ends with this one."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._connection = ours
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from tests.warm import serve; serve()", str(theirs.fileno())],
                cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),),
            )  # fmt: skip
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self._process.poll() is None

    def ask(
        self,
        request: dict[str, Any],
        streams: tuple[IO[bytes], IO[bytes]],
        seconds: float,
        line: Sequence[str],
    ) -> int:
        """The exit status of what it forks for the request."""
        self._connection.settimeout(seconds)
        numbers = [stream.fileno() for stream in streams]
        try:
            socket.send_fds(self._connection, [json.dumps(request).encode()], numbers)
            answer = self._connection.recv(_LARGEST)
        except TimeoutError:
            self.close()  # and with it what it forked
            raise subprocess.TimeoutExpired(list(line), seconds) from None
        if not answer:
            raise RuntimeError("the process that commands are forked from is gone")
        status: int = json.loads(answer)
        return status

    def close(self) -> None:
        """End it; what it waits for is ended, too."""
        self._connection.close()
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)


@functools.cache
def _started(key: tuple[tuple[str, str], ...]) -> list[_Server]:
    return []


def _server() -> _Server:
    """The one that was started with what an interpreter would read now."""
    kept = _started(tuple(sorted(_at_start(dict(os.environ)).items())))
    if not kept or not kept[0].alive:
        kept[:] = [_Server()]
    return kept[0]


# -- the other side ------------------------------------------------------------------------------


def serve() -> None:
    """Fork a process for each request, and say how it ended; returns in each of them, as its main."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(connection.fileno(), False)
    _import()
    while True:
        data, descriptors = _hear(connection)
        if not data:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            connection.close()
            _become(json.loads(data), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        signal.signal(signal.SIGTERM, lambda *_, pid=pid: _end_with(pid))
        _, status = os.waitpid(pid, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        connection.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def _import() -> None:
    """What commands use; not the main modules, and no plugin of pytest's, whose asserts it rewrites."""
    from _pytest.config import default_plugins

    for name in default_plugins:
        importlib.import_module(f"_pytest.{name}")
    for name in ("pytest", "execnet", "nbformat", "nbclient", "threadpoolctl", *_OURS):
        importlib.import_module(name)
    for name in ("graders", "reference"):  # it would warn of what is there already
        sys.modules[name].__doc__ = f"{sys.modules[name].__doc__}\n\nPYTEST_DONT_REWRITE"
    _read_our_own()
    gc.collect()
    gc.freeze()


def _read_our_own() -> None:
    """Files of ours that every grading reads: a command reads them again if they have changed."""
    from graders.binding.lexicon import lexicon
    from graders.specs.document import BUILTIN, valid

    lexicon()
    for file in sorted(BUILTIN.glob("*/*.yaml")):
        if (file.parent / "sprint.yaml").exists():
            valid(file, "sprint" if file.name == "sprint.yaml" else "item")


def _hear(connection: socket.socket) -> tuple[bytes, list[int]]:
    descriptors = array.array("i")
    space = socket.CMSG_SPACE(2 * descriptors.itemsize)
    data, others, _, _ = connection.recvmsg(_LARGEST, space)
    for _, _, content in others:
        descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    return data, list(descriptors)


def _end_with(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os._exit(1)


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    """``python -m MODULE ARGUMENTS`` with these streams, in this folder and environment."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number, descriptor in enumerate(descriptors, start=1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    tempfile.tempdir = None
    random.seed()
    module, *arguments = request["line"]
    sys.argv[:] = [module, *arguments]
    sys.path[:1] = [os.getcwd(), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
