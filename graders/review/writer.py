"""Tables and pages are written anew while nobody decides anything, and at the end: a decision is kept at once,
and waits for no file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from graders.batch.run import alone_in
from graders.course.opening import store_of
from graders.course.publishing import Done, publish
from graders.course.regrading import applied
from graders.course.renewing import put_aside, renewed, written
from graders.errors import GraderError
from graders.messages import Bilingual

QUIET = 5.0  # seconds without a decision


class Writer:
    """Writes what decisions have changed, with a connection of its own. `say`: takes what there is to tell."""

    def __init__(
        self, folder: Path, say: Callable[[Bilingual], None], quiet: float = QUIET
    ) -> None:
        self._folder, self._say, self._quiet = folder, say, quiet
        self._alone = threading.Lock()
        self._changed = threading.Condition()
        self._asked = 0  # how often something was decided
        self._done = 0
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Something was decided."""
        with self._changed:
            self._asked += 1
            self._changed.notify()

    def publish(self, by: str, note: str) -> Done:
        """Hand out what counts now.

        Raises:
            GraderError: it can't be, and why.
        """
        with self._alone, store_of(self._folder) as store:
            return publish(self._folder, store, by, note)

    def regrade(self, by: str, never_lower: bool, shown: str) -> int:
        """Let what `scratchgrade regrade` proposes count; how many marks or items are others now. `shown`: what
        was told of it (`graders.course.regrading.digest`).

        Raises:
            UsageError: it would change something else by now, or nothing is proposed.
            GraderError: it can't be kept or written.
        """
        with self._alone, store_of(self._folder) as store, alone_in(self._folder):
            changes = applied(store, by, never_lower, shown)
            for said in put_aside(self._folder, written(self._folder, store)):
                self._say(said)
        return changes

    def finish(self) -> None:
        """Write what is left, and end.

        Raises:
            GraderError: it could not be written; what was decided is kept.
        """
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join()
        if self._asked > self._done:
            self._write(self._asked)

    def _run(self) -> None:
        while (asked := self._settled()) is not None:
            try:
                self._write(asked)
            except GraderError as error:
                self._say(error)
                with self._changed:  # again after the next decision, and at the end
                    while not self._ending and self._asked == asked:
                        self._changed.wait()

    def _settled(self) -> int | None:
        """How much is to be written, when nobody has decided anything for a while; None at the end."""
        with self._changed:
            while not self._ending:
                asked = self._asked
                waits = self._quiet if asked > self._done else None
                if not self._changed.wait(waits) and waits is not None and asked == self._asked:
                    return asked
            return None

    def _write(self, asked: int) -> None:
        with self._alone, store_of(self._folder) as store:
            for said in renewed(self._folder, store):
                self._say(said)
        self._done = asked
