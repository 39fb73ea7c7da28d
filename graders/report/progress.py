"""One line in the terminal while a long step runs: what it is and how long it may still take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

_EVERY = 0.5
_PATIENCE = 1.0  # seconds before a line is shown: quick steps need none


class LongSteps(Protocol):
    """What tells of its long steps, as a `Grading` does."""

    progress: Callable[[str, float], None] | None


@contextmanager
def progress_line(steps: LongSteps, stream: TextIO) -> Iterator[None]:
    """Show the steps of `steps` on `stream` while the block runs; nothing where it is no terminal."""
    if not stream.isatty():
        yield
        return
    current: list[tuple[str, float, float]] = []
    ended = threading.Event()

    def show() -> None:
        shown = False
        while not ended.wait(_EVERY):
            if not current:
                continue
            what, began, seconds = current[-1]
            passed = time.monotonic() - began
            if passed < _PATIENCE:
                continue
            left = max(0.0, seconds - passed)
            stream.write(f"\r\x1b[K{what} ... {left:.0f} s")
            stream.flush()
            shown = True
        if shown:
            stream.write("\r\x1b[K")
            stream.flush()

    def begin(what: str, seconds: float) -> None:
        current[:] = [(what, time.monotonic(), seconds)]

    steps.progress = begin
    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        steps.progress = None
        ended.set()
        thread.join(2)
