"""The proof before anything is written: the starter earns nothing, the solution everything."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graders.errors import GraderError
from graders.grading import Grading, Request
from graders.release.selection import Selection
from graders.traits import Trait

_EXPECTED = re.compile(r"MNIST: |absent: ")  # notes on what a notebook loads, no faults of it
_WARNING = re.compile(r"\b\w*Warning\b: .*")


@dataclass(frozen=True)
class Settings:
    """How the notebooks are graded. `training`: what trains is graded, too."""

    request: Request
    training: bool = True


@dataclass
class Proof:
    """What came of it: the points of each notebook, and what was not proved."""

    starter: float = 0.0
    solution: float = 0.0
    most: float = 0.0
    not_trained: tuple[str, ...] = ()
    by_a_person: tuple[str, ...] = ()
    items: list[str] = field(default_factory=list)


def prove(selection: Selection, starter: str, solution: str, settings: Settings) -> Proof:
    """Grade both notebooks, as the command does.

    Raises:
        GraderError: the starter earns something, the solution doesn't earn all, or one of them is
            told something else than it should be; the first of it, in a sentence.
    """
    left_out = tuple(
        i.id for i in selection.items if Trait.TRAINED in i.traits and not settings.training
    )
    person = tuple(i.id for i in selection.items if Trait.PERSON in i.traits)
    items = [i for i in selection.items if i.id not in (*left_out, *person)]
    proof = Proof(not_trained=left_out, by_a_person=person, items=[i.id for i in items])
    proof.most = sum(i.max_score for i in items)
    if not items:
        raise GraderError(
            "nothing could be proved: all that is asked for is read by a person, or trained"
        )
    proof.starter = sum(_points("starter", starter, selection, proof.items, settings))
    proof.solution = sum(_points("solution", solution, selection, proof.items, settings))
    return proof


def _points(
    name: str, text: str, selection: Selection, items: list[str], settings: Settings
) -> Iterator[float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.ipynb"
        file.write_text(text, encoding="utf-8")
        grading = Grading(_for(file, settings.request), early=False)
        grading.select(frozenset(items))
        try:
            for _ in grading.events():
                pass
        finally:
            grading.finish()
        report = grading.report.as_dict()
        _check_cells(name, report, grading)
        for item in items:
            data = next(i for i in report["items"] if i["id"] == item)
            result = grading.report.items[item]
            if name == "starter" and not result.unwritten:
                raise _refused(name, item, f"is told: {data['status']}: {data['message']}")
            if name == "solution" and data["score"] != data["max_score"]:
                points = f"earns {data['score']:g} of {data['max_score']:g} points"
                raise _refused(name, item, f"{points}: {data['message']}")
            yield float(data["score"])


def _for(file: Path, request: Request) -> Request:
    return replace(request, submission=file, insist_sprint=True)


def _check_cells(name: str, report: dict[str, Any], grading: Grading) -> None:
    """That every cell ran, and that nothing warned."""
    for cell in report["load"]["cells"]:
        if cell["status"] not in ("ok", "skipped"):
            raise _refused(name, cell["place"], f"did not run through: {cell['error']}")
    loaded = grading.report.loaded
    for note in loaded.notes if loaded is not None else ():
        if not _EXPECTED.match(note):
            raise _refused(name, "", f"a note: {note}")
    for run in loaded.runs if loaded is not None else ():
        warned = _WARNING.search(run.output)
        if warned is not None:
            raise _refused(name, f"cell {run.index}", f"warns: {warned.group()}")


def _refused(name: str, what: str, why: str) -> GraderError:
    place = f", {what}" if what else ""
    return GraderError(f"nothing is written: the {name}{place}, {why}")
