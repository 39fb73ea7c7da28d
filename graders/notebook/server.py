"""The process beside a student's kernel: answers one question after another, and ends with the kernel.

Questions come as lines of JSON on standard input, answers go as frames to a descriptor of our own.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

from graders.ending import end_here
from graders.frames import send
from graders.processors import importing, one_thread

_MOST_BYTES = 1 << 18


def main() -> None:
    """Serve until standard input ends, or the process that started this one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the kernel hears it, and ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    one_thread()
    questions: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions, os.getppid()), daemon=True).start()
    with importing("graders.notebook.desk"):
        from graders.sandbox.forkserver import Kind, servers

        servers.prepare(Kind(sys.executable))  # it starts while the rest loads
        from graders.notebook.desk import Desk

    desk = Desk()
    desk.warm()
    if questions.empty():
        desk.rehearse()
    while True:
        question = questions.get()
        number = question["number"]

        def step(what: str, seconds: float, number: int = number) -> None:
            send(answers, {"number": number, "step": what, "seconds": seconds})

        with contextlib.suppress(OSError):  # paths are the kernel's
            os.chdir(question["folder"])
        send(answers, {"number": number, "answer": desk.answer(question, step)})


def _lines(kernel: int) -> Iterator[bytes]:
    """Lines of standard input; until its end, or the kernel's: what it forked may hold the pipe."""
    from graders.sandbox.waiting import Came, Life

    life = Life(kernel, lambda: os.getppid() == kernel)
    read = b""
    while os.getppid() == kernel and life.wait(0, math.inf) is Came.READY:
        data = os.read(0, _MOST_BYTES)
        if not data:
            return
        *whole, read = (read + data).split(b"\n")
        yield from whole


def _listen(questions: queue.SimpleQueue[dict[str, Any]], kernel: int) -> None:
    for line in _lines(kernel):
        questions.put(json.loads(line))
    end_here()
