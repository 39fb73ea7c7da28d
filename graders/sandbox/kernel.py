"""nbclient's view of a student process: a kernel manager and client without ZeroMQ.

nbclient (0.10 or newer) drives the cells; of a kernel client it calls `execute`, `is_alive`
and the two channels' `get_msg`, of a manager `has_kernel`, `is_alive` and
`interrupt_kernel`. The messages are ordinary Jupyter message dicts.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from queue import Empty
from typing import Any
from uuid import uuid4

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from graders.sandbox.process import ProcessDied, StudentProcess

GRACE_SECONDS = 2.0  # between the interrupt and the end of a process that ignores it
_LOOK_SECONDS = 0.05
_OUTPUT_FRAMES = 2_000  # per cell; the worker merges text, so an honest cell has few


class Channel:
    """A queue of messages with the one method that nbclient calls.

    Its time-outs are by the clock, which stands still while the process has no processor.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def put(self, message: dict[str, Any] | None) -> None:
        """Add a message; None says that the kernel is dead."""
        self._queue.put_nowait(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message; queue.Empty after `timeout` seconds."""
        last = math.inf if timeout is None else self._now() + timeout
        while True:
            try:
                message = await asyncio.wait_for(self._queue.get(), timeout)
                break
            except TimeoutError:
                timeout = max(_LOOK_SECONDS, last - self._now())
                if self._now() >= last:
                    raise Empty from None
        if message is None:
            raise DeadKernelError("Kernel died")
        return message


class Runner(NotebookClient):
    """nbclient, but for its look at whether each output fits the format of notebooks: `Client` makes
    them so, and to compile the format's schema takes longer than most notebooks run.
    """

    def output(self, outs: list[Any], msg: dict[str, Any], *_: Any) -> Any:
        """Add what the cell wrote or showed to its outputs."""
        out = {"output_type": msg["msg_type"], **msg["content"]}
        outs.append(out)
        return out


class Client:
    """The kernel client: turns requests into frames and frames into messages."""

    allow_stdin = False

    def __init__(self, process: StudentProcess, now: Callable[[], float] = time.monotonic) -> None:
        self._process = process
        self.shell_channel = Channel(now)
        self.iopub_channel = Channel()
        self.cell_index = 0
        self.mode = "all"  # what of a cell is run; see `sgworker.worker`
        self.folders: str | None = None  # those that its file lies in; see `submission.Cell`
        self.reply: dict[str, Any] = {}
        self.protocol_error = ""
        self._frames = 0
        self._current = ""

    def start(self) -> None:
        """Begin to read the process's frames; needs a running event loop."""
        asyncio.get_running_loop().add_reader(self._process.reader, self._readable)

    def stop(self) -> None:
        """Leave the pipe to whoever reads it next."""
        asyncio.get_running_loop().remove_reader(self._process.reader)

    async def is_alive(self) -> bool:
        """Asked by nbclient about once a second."""
        return self._process.alive

    def execute(self, code: str, **_: Any) -> str:
        """Send the cell; the message id that its messages will carry."""
        message_id = self._current = uuid4().hex
        self._frames = 0
        try:
            self._process.send(
                {
                    "op": "cell", "id": message_id, "index": self.cell_index, "code": code,
                    "mode": self.mode, "folders": self.folders,
                }
            )  # fmt: skip
        except ProcessDied as error:
            self.protocol_error = error.reason
            self._end()
        return message_id

    def _end(self) -> None:
        self.shell_channel.put(None)

    def _readable(self) -> None:
        try:
            going = self._process.pump()
        except ProcessDied as error:
            going, self.protocol_error = False, error.reason
        while frame := self._process.pop():
            self._translate(frame[0])
        if not going:
            asyncio.get_running_loop().remove_reader(self._process.reader)
            self._end()

    def _translate(self, header: dict[str, Any]) -> None:
        kind = header.get("op")
        if kind == "reply":
            if header.get("id") != self._current:
                self._process.kill()
                self.protocol_error = "it answered another request than the one that was sent"
                self._end()
                return
            parent = {"msg_id": header.get("id")}
            status = "error" if header.get("status") == "error" else "ok"
            self.reply = header
            content = {"status": status, "ename": "", "evalue": "", "traceback": []}
            self.shell_channel.put({"parent_header": parent, "content": content})
            idle = {"execution_state": "idle"}
            self.iopub_channel.put(_message("status", parent, idle))
            return
        self._frames += 1
        if self._frames > _OUTPUT_FRAMES:
            return
        text = header.get("text")
        if not isinstance(text, str):
            return
        # Output carries no message id: it belongs to the cell that runs.
        parent = {"msg_id": self._current}
        if kind == "stream" and header.get("name") in ("stdout", "stderr"):
            stream = {"name": header["name"], "text": text}
            self.iopub_channel.put(_message("stream", parent, stream))
        elif kind == "display":
            shown: dict[str, Any] = {"data": {"text/plain": text}, "metadata": {}}
            if header.get("kind") == "execute_result":
                shown["execution_count"] = None
                self.iopub_channel.put(_message("execute_result", parent, shown))
            else:
                self.iopub_channel.put(_message("display_data", parent, shown))


def _message(kind: str, parent: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    return {
        "msg_type": kind,
        "header": {"msg_type": kind},
        "parent_header": parent,
        "content": content,
        "metadata": {},
    }


class Manager:
    """The kernel manager: the process is started and ended by the session, not by nbclient."""

    has_kernel = True

    def __init__(self, process: StudentProcess) -> None:
        self._process = process
        self._executioner: threading.Timer | None = None
        self.timed_out = False

    async def is_alive(self) -> bool:
        """Part of the protocol."""
        return self._process.alive

    def interrupt_kernel(self) -> None:
        """Called when a cell has used up its time: Ctrl-C first, then the end."""
        self.timed_out = True
        self._process.interrupt()
        if self._executioner is None:
            self._executioner = threading.Timer(GRACE_SECONDS, self._process.kill)
            self._executioner.daemon = True
            self._executioner.start()

    def relax(self) -> None:
        """The cell has ended: call the end off."""
        if self._executioner is not None:
            self._executioner.cancel()
            self._executioner = None
