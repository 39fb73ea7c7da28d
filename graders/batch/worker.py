"""A worker process: grades one submission after another for the coordinator that started it.

Tasks come as lines of JSON on standard input, results go as frames of JSON to a descriptor of our
own: nothing that a library prints can get between them. When the coordinator is gone, however it
went, so is the worker, with the student's process.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from typing import Any

from graders.ending import end_here
from graders.frames import send
from graders.processors import importing

_ENDING_SECONDS = 30.0


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator hears it and says what to do
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()

    with importing("graders.batch.work"):
        from graders.sandbox.forkserver import Kind, servers

        settings = tasks.get()
        servers.prepare(Kind(settings["student_python"]))  # it starts while the rest loads
        from graders.batch.work import Failed, grade_task

    send(answers, {"ready": os.getpid()})
    while True:
        task = tasks.get()
        try:
            send(answers, {"id": task["id"], "result": grade_task(task, settings)})
        except Failed as failure:
            send(answers, {"id": task["id"], "failed": str(failure), "scarce": failure.scarce})


def _listen(tasks: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin.buffer:
        tasks.put(json.loads(line))
    end_here(_ENDING_SECONDS)
