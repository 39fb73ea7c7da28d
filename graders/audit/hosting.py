"""Judges many small answers to one item in one student process.

A fresh process for each would cost more than everything else. So the answers become the cells of
one notebook, each with a library of its own name, and are judged one after the other, each as if
its cell were the whole submission. What kills the process costs only itself: it is judged again
alone, and the rest go on in a new process.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.audit.interfaces import Interface
from graders.audit.library import LOADER, Library
from graders.binding.lexicon import Lexicon
from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.sandbox.session import Budget, Session
from graders.sandbox.view import View
from graders.specs import ItemSpec, SprintSpec
from graders.submission import Cell, Section, Submission
from graders.verdict.judge import Judge

# What the reference does in milliseconds: a mutant that takes longer does not end.
BUDGET = Budget(cell=10.0, total=600.0, call=2.0, calls=math.inf, replies=math.inf)


@dataclass(frozen=True)
class Answer:
    """One answer to an item: an interface around a library."""

    interface: Interface
    library: Library

    def cell(self, index: int, trace: bool = False) -> Cell:
        """Its source as one cell; the library goes by a name that no other cell uses.

        With `trace` the lines of the library that run after it is loaded are noted.
        """
        package = _package(index)
        if not self.interface.source:
            return Cell(index, "", Section())
        names = self.interface.names() & self.library.exports.keys()
        used = {*names, *self.library.replaced}
        library = self.library.only(used)
        begin = "_sg_trace()\n" if trace else ""
        source = library.loading(package) + begin + self.interface.on(package)
        return Cell(index, source, Section())


def _package(cell: int) -> str:
    return f"sg_{cell}"


def judge_alone(
    answer: Answer, sprint: SprintSpec, spec: ItemSpec, seed: int, lexicon: Lexicon | None = None
) -> ItemResult:
    """The verdict of the engine on a submission that is this answer, in a process of its own."""
    cells = [Cell(0, LOADER, Section()), answer.cell(1)]
    submission = _submission(cells, answer.interface.prose)
    options = Options(seed=seed, items=frozenset({spec.id}), lexicon=lexicon)
    for event in grade(submission, sprint, options):
        if isinstance(event, ItemFinished) and event.result.spec.id == spec.id:
            return event.result
    raise AssertionError("the engine gives a verdict on every item")


class Host:
    """One student process with many answers in it. Use as a context manager."""

    def __init__(self, answers: Sequence[Answer], trace: bool = False) -> None:
        self._answers = list(answers)
        cells = [Cell(0, LOADER, Section())]
        cells += [answer.cell(i, trace) for i, answer in enumerate(self._answers, 1)]
        self._cells = cells
        submission = _submission(cells, "\n".join(a.interface.prose for a in self._answers))
        self._session = Session(submission, sys.executable, BUDGET)

    def __enter__(self) -> Host:
        self._session.load()
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def judge(self, number: int, sprint: SprintSpec, spec: ItemSpec, seed: int) -> _Judged:
        """The verdict on one of the answers, as if it were the whole submission."""
        cell = self._cells[number + 1]
        answer = self._answers[number]
        shown = Cell(cell.index, answer.interface.on(_package(cell.index)), cell.section)
        submission = _submission([shown], answer.interface.prose)
        part = View(submission, sys.executable, BUDGET, host=self._session)
        part.runs = {i: r for i, r in self._session.runs.items() if i == cell.index}
        result = Judge(part, sprint, seed).judge(spec)
        return _Judged(result, part.gone)

    def lines(self, modules: Sequence[str]) -> dict[str, frozenset[int]]:
        """The lines of each module that have run since the tracing began."""
        steps: list[dict[str, Any]] = [
            {"do": "call", "name": "_sg_seen", "cell": 0, "args": [{"v": m}], "keep": m, "out": m}
            for m in modules
        ]
        outcome = self._session.run(steps, [])
        seen = {str(e.path[0]): e.array for e in outcome.found if len(e.path) == 1}
        return {m: frozenset(int(n) for n in seen[m].ravel()) if m in seen else frozenset()
                for m in modules}  # fmt: skip


@dataclass(frozen=True)
class _Judged:
    result: ItemResult
    broken: bool  # the process died of it


def judge_all(
    answers: Sequence[Answer], sprint: SprintSpec, spec: ItemSpec, seed: int
) -> Iterator[ItemResult]:
    """The verdict on each answer, in their order."""
    left = list(answers)
    while left:
        with Host(left) as host:
            for number in range(len(left)):
                judged = host.judge(number, sprint, spec, seed)
                if judged.broken and len(left) > 1:
                    (alone,) = judge_all([left[number]], sprint, spec, seed)
                    yield alone
                    left = left[number + 1 :]
                    break
                yield judged.result
            else:
                return


def _submission(cells: Sequence[Cell], prose: str) -> Submission:
    text = "\n".join([prose, *(cell.source for cell in cells)])
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Submission(Path("audit.ipynb"), "notebook", digest, tuple(cells), text, "en", prose)
