"""Those who wait for their report, in a line: one thread grades what came in, one after another.

It alone writes results, as the coordinator of `batch` does; what it has not graded when it ends, however it ends,
it finds in the store at the next start.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from graders.batch.executor import Executor
from graders.batch.model import Found
from graders.batch.outputs import write_outputs
from graders.batch.run import Class, Queue, opened, refuse, scratch
from graders.batch.store import Enrolled, Result
from graders.batch.work import settings_of
from graders.errors import GraderError
from graders.grading import Request
from graders.messages import Bilingual, M

_STEP = 0.1  # seconds until it looks whether somebody handed in
_QUIET = 60.0  # seconds without a hand-in or a result until tables are written
_AGAIN = 10.0  # seconds until workers that could not be had are tried again
Engage = Callable[[dict[str, Any], Path], Executor]
"""Makes an executor of a grading's settings and a folder for temporary files."""


class Line:
    """Grades until it is ended. `say`: takes what there is to tell.

    Raises:
        GraderError: the class can't be graded as it is laid down, and why.
    """

    def __init__(
        self, out: Path, found: Found, request: Request, notes: dict[str, str], engage: Engage,
        say: Callable[[Bilingual], None],
    ) -> None:  # fmt: skip
        self._out, self._found, self._request, self._notes = out, found, request, notes
        self._engage, self._say = engage, say
        self._changing = threading.Lock()
        self._came: list[Enrolled] = []
        self._ending = threading.Event()
        self._places: dict[tuple[str, str], int] = {}
        self._began: Future[dict[str, Any]] = Future()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()
        self.common = self._began.result()
        """What the keys of this class's gradings are made of, besides files."""

    def take_up(self, one: Enrolled) -> None:
        """Somebody handed in: it is kept already."""
        with self._changing:
            self._came.append(one)

    def place(self, id_: str, files: str) -> int | None:
        """How many are before it: 0 for one that is at work or next, None for one that does not wait."""
        with self._changing:
            known = self._places.get((id_, files))
            coming = [(one.handed.id, one.files) for one in self._came]
            if known is None and (id_, files) in coming:
                return len(self._places) + coming.index((id_, files))
            return known

    def finish(self) -> None:
        """End, and write tables and pages.

        Raises:
            GraderError: they could not be written.
        """
        self._ending.set()
        self._thread.join()
        if (wrong := self._wrong) is not None:
            raise wrong

    _wrong: GraderError | None = None

    def _run(self) -> None:
        try:
            with opened(self._found, self._out, self._request, True) as graded:
                for name, value in self._notes.items():
                    graded.store.note(name, value)
                # Before anything can be handed in: later, who has nothing is who just handed something in.
                refuse(graded, _Silent())
                self._began.set_result(dict(graded.common))
                self._grade(graded)
                if waiting := len(list(graded.store.waiting())):
                    self._say(
                        M("{n} wait to be graded; the next start goes on with them", n=waiting)
                    )
                write_outputs(graded, self._notes["assignment"])
        except BaseException as error:
            if not self._began.done():
                self._began.set_exception(error)
            elif isinstance(error, GraderError):
                self._wrong = error
            else:
                raise

    def _grade(self, graded: Class) -> None:
        while not self._ending.is_set():
            try:
                with (
                    scratch(graded.store) as folder,
                    self._engage(settings_of(graded.request), folder) as executor,
                ):
                    self._go_on(graded, Queue(graded, executor, _Silent()))
            except Exception as error:  # whatever it is, hand-ins are taken and wait
                self._places = {}
                why = (
                    error if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
                )
                self._say(
                    M("grading stopped, and goes on in {n} s: {why}", n=int(_AGAIN), why=str(why))
                )
                if os.environ.get("SCRATCHGRADE_DEBUG"):
                    traceback.print_exc()
                self._ending.wait(_AGAIN)

    def _go_on(self, graded: Class, waiting: Queue) -> None:
        changed = time.monotonic()
        written = False
        while not self._ending.is_set():
            before = self._places
            with self._changing:
                came = list(self._came)
            for one in came:
                waiting.add(one)
            running = {(one.handed.id, one.files): 0 for one in waiting.running}
            places = running | {
                (one.handed.id, one.files): place
                for place, one in enumerate(waiting.waiting, len(running))
            }
            with self._changing:
                del self._came[: len(came)]
                self._places = places
            if self._places != before:
                changed, written = time.monotonic(), False
            if not written and waiting.is_empty and time.monotonic() - changed > _QUIET:
                try:
                    write_outputs(graded, self._notes["assignment"])
                except GraderError as error:
                    self._say(error)
                written = True
            waiting.step(_STEP)


class _Silent:
    """A `Listener` that tells nobody: pages tell how far things are."""

    def begin(self, total: int, done: int) -> None:
        """Nothing."""

    def finished(self, id_: str, result: Result) -> None:
        """Nothing."""

    def again(self, id_: str, reason: str) -> None:
        """Nothing."""

    def wait(self) -> None:
        """Nothing."""
