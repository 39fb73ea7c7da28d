"""The ladder of hints on one item: place, kind of mistake, line, worked numbers; a step a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult
from graders.judging.results import ItemResult
from graders.messages import Language, M, Message, clean
from graders.misconceptions import Diagnosis
from graders.notebook.lines import cell_of, lines_of, method_of
from graders.notebook.worked import array_text, worked
from graders.policy import Policy
from graders.report.feedback import Feedback, told
from graders.report.figures import HeatMap, heat_maps
from graders.report.fragment import Piece
from graders.report.report import array_data
from graders.submission import Submission

PLACE, KIND, LINE, NUMBERS = 1, 2, 3, 4
_TITLES = {
    PLACE: M("Where"),
    KIND: M("What kind of mistake"),
    LINE: M("Which line"),
    NUMBERS: M("The numbers, worked out"),
}
_ALLOWED: dict[Feedback, int] = {"full": NUMBERS, "hint": LINE, "score": 0}


@dataclass(frozen=True)
class Ladder:
    """The hints on what is wrong first in an item. `mistake` tells one wrong thing from another.

    `steps`: how far up each is, and what it says; where nothing can be said there is none.
    """

    mistake: tuple[str, ...]
    steps: tuple[tuple[int, Piece], ...]

    def up_to(self, most: int) -> tuple[Piece, ...]:
        """The steps that a course lets through."""
        return tuple(piece for height, piece in self.steps if height <= most)


def most_steps(policy: Policy, feedback: Feedback) -> int:
    """How far the course lets students go up."""
    return policy.hints if policy.hints is not None else _ALLOWED[feedback]


def ladder_of(result: ItemResult, submission: Submission, language: Language) -> Ladder:
    """The hints on an item that is not right."""
    check = _first_wrong(result)
    names = tuple(n.id for d in _diagnoses(result, check) for n in d.names)
    facet = check.facet if check is not None else ""
    steps = tuple(_steps(result, check, submission, language))
    return Ladder((result.status, facet, *names), steps)


def _first_wrong(result: ItemResult) -> CheckResult | None:
    order = [*result.spec.facets]
    wrong = [c for c in result.checks if c.status in (model.FAILED, model.ERROR)]
    wrong = wrong or [c for c in result.checks if c.status == model.SKIPPED and c.id == c.facet]
    return min(wrong, key=lambda c: order.index(c.facet) if c.facet in order else 99, default=None)


def _diagnoses(result: ItemResult, check: CheckResult | None) -> list[Diagnosis]:
    return [d for d in result.diagnoses if check is not None and d.facet == check.facet]


def _steps(
    result: ItemResult, check: CheckResult | None, submission: Submission, language: Language
) -> Iterator[tuple[int, Piece]]:
    def step(height: int, said: Iterable[Message], code: str = "") -> tuple[int, Piece]:
        lines = tuple(message.in_language(language) for message in said)
        return height, Piece(_TITLES[height].in_language(language), lines, code)

    if check is None or result.status == "missing":
        yield step(PLACE, [result.message])
        return
    yield step(PLACE, _place(result, check, submission))
    kind = [*_kind(result, check)]
    if kind:
        yield step(KIND, kind)
    said, code = _line(result, check, submission)
    if said:
        yield step(LINE, said, code)
    if check.status == model.FAILED and check.message.id:
        by_hand = _by_hand(result, check)
        numbers = [check.message, *([M("By hand, in an example:")] if by_hand else [])]
        height, piece = step(NUMBERS, numbers, by_hand)
        yield height, replace(piece, maps=_maps(check), arrays=_arrays(check))


def _place(result: ItemResult, check: CheckResult, submission: Submission) -> Iterator[Message]:
    yield told(check, "hint")
    cell, method = cell_of(result, submission), method_of(check.facet, result)
    if cell is not None and result.binding is not None:
        name = result.binding.name + (f".{method}" if method else "")
        yield M("It comes from {name} ({place}).", name=name, place=submission.place(cell.index))
    right = [f for f in result.spec.facets if f not in result.wrong_facets | result.uncounted]
    if right:
        yield M("Right already: {facets}.", facets=", ".join(right))


def _kind(result: ItemResult, check: CheckResult) -> Iterator[Message]:
    for diagnosis in _diagnoses(result, check)[:1]:
        yield diagnosis.best.lesson.title
        yield diagnosis.best.lesson.explanation
        for other in diagnosis.names[1:]:
            yield M("Or: {title}", title=other.lesson.title)
        return
    if check.expected is not None and check.actual is not None:
        yield from _difference(check.expected, check.actual)


def _difference(expected: np.ndarray, actual: np.ndarray) -> Iterator[Message]:
    """What can be seen of two arrays where no mistake has a name."""
    if expected.shape != actual.shape:
        yield M(
            "Its shape, {actual}, is not what it should be.",
            actual=model.shape_text(actual.shape),
        )
        return
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(actual, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
    yield M("{n} of {all} numbers are wrong.", n=int(wrong.sum()), all=wrong.size)
    for axis in range(wrong.ndim):
        along = wrong.any(axis=tuple(a for a in range(wrong.ndim) if a != axis))
        spots = np.flatnonzero(along)
        if 0 < len(spots) <= wrong.shape[axis] // 2:
            yield M(
                "All of these lie at {indices} of axis {axis}.",
                indices=", ".join(map(str, spots[:6])), axis=axis,
            )  # fmt: skip
    if not np.isfinite(actual).all():
        yield M("Some are NaN or infinite.")


def _line(
    result: ItemResult, check: CheckResult, submission: Submission
) -> tuple[list[Message], str]:
    said = [d.best.lesson.hint for d in _diagnoses(result, check)[:1]]
    said += [repair.hint for repair in result.repairs if check.facet in repair.facets]
    cell = cell_of(result, submission)
    lines = lines_of(check.facet, result, submission) if cell is not None else []
    if not lines or cell is None:
        return said, ""
    place = submission.place(cell.index, lines[0][0])
    said.append(M("Look at these lines, from {place} on:", place=place))
    numbered = ((submission.line(cell.index, number), text) for number, text in lines)
    return said, "\n".join(f"{number:4d}  {text}" for number, text in numbered)


def _by_hand(result: ItemResult, check: CheckResult) -> str:
    """An example of it as a sum of products."""
    example = worked(result.spec, check)
    if example is None:
        return ""
    given = [f"{name} = {text}" for name, text in example.given]
    return "\n".join([*given, f"{example.what} = {example.terms} = {example.value}"])


def _arrays(check: CheckResult) -> str:
    shown = (("input", check.input), ("expected", check.expected), ("yours", check.actual))
    return "\n".join(f"{n}: {array_text(a)}" for n, a in shown if a is not None)


def _maps(check: CheckResult) -> dict[str, HeatMap]:
    expected, actual = (array_data(a, check.where) for a in (check.expected, check.actual))
    return heat_maps(expected, actual, check.where) if expected and actual else {}


def plainly(piece: Piece, number: int, of: int) -> Piece:
    """The step with its number."""
    return replace(piece, title=f"{number}/{of}  {clean(piece.title)}")
