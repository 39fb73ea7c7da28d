"""The loop: look at the file, grade what was saved, say what is different."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from graders.engine import ItemFinished, ItemSeen, Loaded
from graders.errors import GraderError, SubmissionError
from graders.grading import Grading, Request, sprints_for
from graders.judging.results import ItemResult
from graders.messages import Language, M, clean
from graders.report.cells import cell_lines, no_python
from graders.report.report import Report
from graders.report.terminal import item_lines, total, written
from graders.sandbox.process import kill_running
from graders.specs import SprintSpec
from graders.submission import Submission
from graders.traits import Trait
from graders.watch.changes import affected_names

_LOOK = 0.05  # seconds between two looks at the files
_HALF_WRITTEN = 1.0  # seconds that an editor may take to write a file
_MOST_FILES = 2_000
_Stamp = tuple[tuple[str, int, int], ...]


class Watch:
    """Grades a submission each time that it is saved. `rounds` bounds how often, for tests."""

    def __init__(
        self,
        request: Request,
        stream: TextIO,
        rounds: int | None = None,
        items: Sequence[str] = (),
    ) -> None:
        """`stream` is written to. `items`: only these are judged and told; none: all."""
        self._request, self._stream, self._rounds = request, stream, rounds
        self._items = frozenset(items)
        self._shown: dict[str, tuple[Any, ...]] = {}
        self._results: dict[str, ItemResult] = {}
        self._submission: Submission | None = None
        self._sprints: dict[str, SprintSpec] = {}
        self._complaint = ""
        self._broken: tuple[tuple[int, str], ...] = ()  # the cells, by their index and place
        self._interrupted = False

    def run(self) -> None:
        """Grade now and after each change, until interrupted.

        Raises:
            GraderError: there is no such file, or an option can't be used.
        """
        path = self._request.submission
        if not path.exists():
            raise SubmissionError(f"{path}: no such file or folder")
        self._sprints = sprints_for(self._request)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
        rounds = 0
        stamp: _Stamp | None = None
        while self._rounds is None or rounds < self._rounds:
            if self._interrupted:
                raise KeyboardInterrupt
            seen = stamp_of(path)
            if seen == stamp or not seen:
                time.sleep(_LOOK)
                continue
            if self._round(seen):
                rounds += 1
                stamp = seen
            elif stamp_of(path) == seen:
                stamp = seen

    def _interrupt(self, number: int, frame: object) -> None:
        """Remembered as well: raised while an object is freed, Python drops the exception."""
        self._interrupted = True
        raise KeyboardInterrupt

    def _round(self, stamp: _Stamp) -> bool:
        """One grading; False where the file changed again before its end, or can't be read."""
        began = time.monotonic()
        try:
            grading = self._opened()
        except GraderError as error:
            if not self._shown:
                raise
            self._complain(str(error))
            return False
        self._complaint = ""
        if self._items:
            grading.check_items(self._items)
            grading.select(self._items)
        begun = M("Saved, grading ...") if self._shown else M("Grading ...")
        self._write([(begun.in_language(grading.report.language), "")])
        self._tell_broken(grading)
        changed = threading.Event()
        ended = threading.Event()
        grading.options = replace(
            grading.options, cancelled=changed, known=self._standing(grading.submission)
        )
        looker = threading.Thread(target=self._look, args=(stamp, changed, ended), daemon=True)
        looker.start()
        told = 0
        try:
            told = self._judge(grading, changed)
        except GraderError:
            if not changed.is_set():  # else it was ended while it started
                raise
        finally:
            ended.set()
            looker.join()
            grading.close()
        if changed.is_set():
            return False
        grading.finish()
        self._results = dict(grading.report.items)
        self._submission = grading.submission
        # What changes from now on is the code, not the inputs: a verdict that changes is the code's.
        self._request = replace(self._request, seed=grading.report.seed)
        self._sum_up(grading, told, time.monotonic() - began)
        return True

    def _opened(self) -> Grading:
        """Editors write a file in steps: what can't be read may be there in a moment."""
        deadline = time.monotonic() + _HALF_WRITTEN
        while True:
            try:
                return Grading(self._request, self._sprints)
            except SubmissionError:
                if time.monotonic() > deadline or not self._shown:
                    raise
                time.sleep(_LOOK)

    def _judge(self, grading: Grading, changed: threading.Event) -> int:
        """Show verdicts as they come; how many were others than before."""
        view = Report(grading.request.submission, grading.report.language)
        view.feedback = grading.report.feedback
        view.submission, view.sprint = grading.submission, grading.sprint
        told = 0
        for event in grading.events():
            if changed.is_set():
                break
            if isinstance(event, Loaded):
                view.take(event)
                self._tell_cells(view.as_dict()["load"]["cells"], view.language)
            elif isinstance(event, ItemSeen | ItemFinished):
                view.take(ItemFinished(event.result))
                told += self._tell(view, event.result.spec.id)
        return told

    def _sum_up(self, grading: Grading, told: int, seconds: float) -> None:
        end = M("{total}; {seconds} s; waiting for changes (Ctrl-C ends)",
                total=total(grading.report), seconds=f"{seconds:.1f}")  # fmt: skip
        if not told:
            end = M("no verdict is another; {rest}", rest=end)
        self._write([(end.in_language(grading.report.language), "bold")])
        if grading.written:
            self._write([(clean(str(grading.written), 2000), "red")])

    def _tell(self, view: Report, spec_id: str) -> bool:
        """Show an item if it is not as it was shown last, and was asked for."""
        if self._items and spec_id not in self._items:
            return False
        item = next(i for i in view.as_dict()["items"] if i["id"] == spec_id)
        said = tuple((c["id"], c["status"], c["message"]) for c in item["checks"])
        now = (item["status"], item["score"], item["message"], said)
        if self._shown.get(spec_id) == now:
            return False
        before = self._shown.get(spec_id)
        self._shown[spec_id] = now
        self._write(item_lines(item, view.language, before[0] if before else None))
        return True

    def _tell_broken(self, grading: Grading) -> None:
        """Show the cells that do not compile before anything is run: they are what the rest hangs on."""
        submission = grading.submission
        broken = [
            {
                "index": cell.index, "status": "error", "compiles": False, "error": why.msg,
                "place": submission.place(cell.index, why.lineno).in_language(grading.report.language),
            }
            for cell in submission.cells
            if (why := no_python(cell)) is not None
        ]  # fmt: skip
        self._tell_cells(broken, grading.report.language)

    def _tell_cells(self, cells: list[dict[str, Any]], language: Language) -> None:
        """Show the cells that do not compile, if they are not those that were shown last."""
        broken = tuple((c["index"], c["place"]) for c in cells if not c["compiles"])
        if broken != self._broken:
            self._broken = broken
            self._write(cell_lines(cells, language, compile_=False))

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self._complaint = text
            self._write([(clean(text, 2000), "red")])

    def _write(self, lines: Any) -> None:
        written(lines, self._stream)
        self._stream.flush()

    def _look(self, stamp: _Stamp, changed: threading.Event, ended: threading.Event) -> None:
        """End a grading whose file has changed: what it would say is of no use any more."""
        while not ended.wait(_LOOK):
            if stamp_of(self._request.submission) != stamp:
                changed.set()
                kill_running()

    def _standing(self, submission: Submission) -> dict[str, ItemResult]:
        """Verdicts on what was trained, or answered in words, that the change can't have affected.

        All others are come to anew: that costs less than it could save.
        """
        if self._submission is None:
            return {}
        names = affected_names(self._submission, submission)
        if names is None:
            return {}
        return {
            name: result
            for name, result in self._results.items()
            if result.spec.traits & (Trait.TRAINED | Trait.WRITTEN)
            and not result.spec.prerequisites
            and not _touched(result, names)
        }


def _touched(result: ItemResult, names: frozenset[str]) -> bool:
    if Trait.WRITTEN in result.spec.traits:
        return bool(names)
    if result.status != "passed" or result.binding is None:
        return True
    return result.binding.name.split(".")[0] in names


def stamp_of(path: Path) -> _Stamp:
    """What tells whether a file, or a folder's files, are as they were; () where there is nothing."""
    return tuple(sorted(_stamps(path)))


def _stamps(path: Path) -> Iterator[tuple[str, int, int]]:
    try:
        if path.is_dir():
            number = 0
            for folder, folders, files in os.walk(path):
                folders[:] = [f for f in folders if not f.startswith(".") and f != "__pycache__"]
                for name in files:
                    number += 1
                    if number > _MOST_FILES:
                        return
                    status = os.stat(os.path.join(folder, name))
                    yield os.path.join(folder, name), status.st_mtime_ns, status.st_size
        else:
            status = path.stat()
            yield str(path), status.st_mtime_ns, status.st_size
    except OSError:
        return
