"""How far a class is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from graders.batch.store import Result
from graders.messages import clean

_EVERY = 15.0  # seconds between lines where there is no terminal


class ShownProgress:
    """A `run.Listener` that writes to standard error. Use as a context manager."""

    def __init__(self) -> None:
        console = Console(file=sys.stderr)
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("graded"), BarColumn(), MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"), TextColumn("{task.fields[last]}"),
                console=console, transient=True,
            )  # fmt: skip
        self._task = TaskID(0)
        self._total = self._before = self._now = 0
        self._began = self._told = time.monotonic()

    def __enter__(self) -> ShownProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._bar is not None:
            self._bar.stop()

    def begin(self, total: int, done: int) -> None:
        """So many submissions, so many of them graded before."""
        self._total, self._before, self._now = total, done, 0
        self._began = self._told = time.monotonic()
        if done:
            self._line(f"{done} of {total} were graded before and are unchanged")
        if self._bar is not None and done < total:
            self._task = self._bar.add_task("", total=total, completed=done, rate="", last="")
            self._bar.start()

    def finished(self, id_: str, result: Result) -> None:
        """One more has its result."""
        self._now += 1
        if self._bar is not None:
            done = self._before + self._now
            self._bar.update(self._task, completed=done, rate=self._rate(), last=Text(id_[:40]))

    def again(self, id_: str, reason: str) -> None:
        """The worker that graded it died."""
        self._line(f"{id_}: {clean(reason, 200)}; it is tried again")

    def wait(self) -> None:
        """Time goes by."""
        if self._bar is None and time.monotonic() - self._told >= _EVERY:
            self._told = time.monotonic()
            self._line(f"graded {self._before + self._now} of {self._total}, {self._rate()}")

    def _rate(self) -> str:
        seconds = time.monotonic() - self._began
        if not self._now:
            return "..."
        rate = self._now / seconds
        left = (self._total - self._before - self._now) / rate
        each = f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute"
        return f"{each}, {duration(left)} left"

    def _line(self, text: str) -> None:
        if self._bar is not None and self._bar.live.is_started:
            self._bar.console.print(Text(text))
        else:
            print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A span of time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
