"""A real IPython kernel, asked as a front-end asks it."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

SECONDS = 120.0
_ARGV = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


@dataclass
class Shown:
    """What a cell put out. Of a place that was shown anew only the last counts."""

    text: str = ""
    html: str = ""
    error: str = ""
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)  # the texts of all places, as they came


class Kernel:
    """A kernel, of this interpreter if no other is named, that works in a folder. Use as a context manager."""

    def __init__(
        self, folder: Path, env: dict[str, str] | None = None, python: str = sys.executable
    ) -> None:
        """`env`: the kernel's environment, this process's without it; `python`: its interpreter."""
        self.manager = KernelManager()
        argv = [python, *_ARGV[1:]]
        self.manager._kernel_spec = KernelSpec(argv=argv, language="python", display_name="-")
        more = {} if env is None else {"env": env}
        self.manager.start_kernel(cwd=str(folder), **more)
        self.client: Any = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(SECONDS)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.manager.provisioner.pid)  # type: ignore[union-attr]

    def run(self, source: str, cell: str = "") -> Shown:
        """Run a cell, under the front-end's name of it if there is one."""
        return self.heard(self.begin(source, cell))

    def begin(self, source: str, cell: str = "") -> str:
        """Begin to run a cell; what `heard` takes."""
        content = {
            "code": source, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,
        }  # fmt: skip
        message = self.client.session.msg(
            "execute_request", content, metadata={"cellId": cell} if cell else {}
        )
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def heard(self, asked: str, seconds: float = SECONDS) -> Shown:
        """All that a cell put out, once it has ended."""
        shown = Shown()
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            except Empty:
                raise AssertionError(f"the cell does not end: {shown}") from None
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                shown.text += content["text"]
            elif kind == "error":
                shown.error += f"{content['ename']}: {content['evalue']}"
            elif kind in ("display_data", "update_display_data", "execute_result"):
                place = content.get("transient", {}).get("display_id", f"-{len(shown.places)}")
                shown.places[place] = content["data"]
                shown.seen.append(content["data"].get("text/plain", ""))
        for bundle in shown.places.values():
            shown.text += bundle.get("text/plain", "") + "\n"
            shown.html += bundle.get("text/html", "")
        return shown

    def value(self, expression: str) -> Any:
        """An expression's value in the kernel, by its repr."""
        import ast

        reply = self.client.execute(
            "", silent=True, user_expressions={"v": expression}, reply=True, timeout=SECONDS
        )
        found = reply["content"]["user_expressions"]["v"]
        assert found["status"] == "ok", found
        return ast.literal_eval(found["data"]["text/plain"])

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.manager.interrupt_kernel()

    def end(self) -> None:
        """End it. Safe to repeat."""
        if self.client is not None:
            self.client.stop_channels()
            self.manager.shutdown_kernel(now=False)
            self.client = None
