"""The process that grades, as the student's kernel knows it: asked over a pipe, ended with certainty.

It is an interpreter of its own with a clean environment. Nothing of the kernel is in it but the text
of the cells, so that whatever was patched in the kernel changes no verdict.
"""

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
from collections.abc import Callable
from typing import IO, Any, cast

from graders import own
from graders.ending import ENDING_SECONDS
from graders.errors import GraderError
from graders.frames import Frames
from graders.messages import M, clean

_LOOK = 0.05  # seconds between two looks at what else there is to do while it works
_LEFT_SECONDS = 5.0  # for what it said last, once it is gone
_MOST_BYTES = 1 << 18
Told = Callable[[dict[str, Any] | None], None]


class Grader:
    """One process, started when it is needed and kept between questions."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._heard: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._owner = 0
        self._asked = 0

    def _runs(self) -> bool:
        ours = (
            self._process is not None and self._owner == os.getpid()
        )  # not in a fork of the kernel
        return ours and cast(Any, self._process).poll() is None

    def start(self) -> None:
        """Start it, unless it runs; nothing is waited for.

        Raises:
            GraderError: it can't be started.
        """
        if self._runs():
            return
        if sys.platform == "win32":
            raise GraderError(
                M(
                    "%check needs Linux or macOS: on Windows start Jupyter in WSL (Windows Subsystem for Linux)"
                )
            )
        if not sys.executable:
            raise GraderError(
                M("%check needs to know which Python this is (sys.executable is empty)")
            )
        self._heard = queue.SimpleQueue()
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed at its end
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", own.program("graders.notebook.server")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
                start_new_session=True, env=kept,
            )  # fmt: skip
        except OSError as error:
            raise GraderError(
                M("the grader can't be started: {reason}", reason=error.strerror or str(error))
            ) from error
        self._owner = os.getpid()
        heard, stream = self._heard, cast(IO[bytes], self._process.stdout)
        self._hearing = threading.Thread(target=_hear, args=(stream, heard), daemon=True)
        self._hearing.start()

    def ask(self, question: dict[str, Any], told: Told) -> dict[str, Any]:
        """Its answer. `told` hears what it says meanwhile, and None every now and then.

        Whatever is raised here, KeyboardInterrupt included, ends it and all that it started.

        Raises:
            GraderError: it can't be started, or came to an end.
        """
        try:
            return self._ask(question, told)
        except BaseException:
            self.end()
            raise

    def _ask(self, question: dict[str, Any], told: Told) -> dict[str, Any]:
        self.start()
        self._asked += 1
        process = cast("subprocess.Popen[bytes]", self._process)
        stdin = cast(IO[bytes], process.stdin)
        with contextlib.suppress(OSError):  # it is gone: that is heard below
            stdin.write(json.dumps({**question, "number": self._asked}).encode() + b"\n")
            stdin.flush()
        while True:
            try:
                message = self._heard.get(timeout=_LOOK)
            except queue.Empty:
                told(None)
                continue
            if message is None:
                raise GraderError(M("the grader came to an end: {reason}", reason=self._reason()))
            if message.get("number") != self._asked:
                continue  # that it is ready, say
            if "answer" in message:
                answer: dict[str, Any] = message["answer"]
                return answer
            told(message)

    def _reason(self) -> str:
        self._complaints.seek(0)
        said = self._complaints.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        return clean(said[-1]) if said else "?"

    def end(self) -> None:
        """End it, and with it the student's process. Safe to repeat, and in a fork of the kernel."""
        process = self._process
        if process is None or self._owner != os.getpid():
            return
        self._process = None
        with contextlib.suppress(OSError):
            cast(IO[bytes], process.stdin).close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS + 1)  # longer than it allows itself
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        self._hearing.join(_LEFT_SECONDS)
        self._complaints.close()


def _hear(stream: IO[bytes], heard: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Until it ends, or says what is no frame; the stream is this thread's, who closes it."""
    frames = Frames()
    with contextlib.suppress(OSError, ValueError), stream:
        while data := os.read(stream.fileno(), _MOST_BYTES):
            for message in frames.feed(data):
                heard.put(message)
    heard.put(None)
