"""The outcome of one check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.arrays.matching import describe
from graders.messages import M, Message
from graders.sandbox.exceptions import in_words
from graders.sandbox.session import CellError, Found

PASSED, FAILED, ERROR, SKIPPED = "passed", "failed", "error", "skipped"


@dataclass(frozen=True)
class Slope:
    """One row of a gradient check: how fast <upstream, forward> grows when a tensor is moved.

    `numeric` is the central difference of the student's own forward, `analytic` what the
    student's gradient says. `where` is the one element that was moved, None for all of them
    along a random direction.
    """

    where: tuple[int, ...] | None
    numeric: float
    analytic: float


@dataclass(frozen=True)
class CheckResult:
    """One check: its verdict and what a student needs to see of it.

    `expected` and `actual` are in the student's own layout; `where` is the index of the worst
    element in them. `hint`: the sentence without expected values, where there is one.
    """

    id: str
    facet: str
    status: str
    message: Message
    expected: np.ndarray | None = None
    actual: np.ndarray | None = None
    max_abs_error: float | None = None
    max_rel_error: float | None = None
    where: tuple[int, ...] | None = None
    input: np.ndarray | None = None  # as the student's code was given it
    slopes: tuple[Slope, ...] = ()  # of a wrong gradient
    error: CellError | None = None  # the exception that the message tells
    hint: Message | None = None


def passed(id_: str, facet: str, message: Message) -> CheckResult:
    """A check that came out right."""
    return CheckResult(id_, facet, PASSED, message)


def ambiguous(id_: str, facet: str, what: Message, rivals: Sequence[Found]) -> CheckResult:
    """Several different arrays could be the answer: which of them is meant is not for us to say."""
    shown = ", ".join(describe(e.path) or "…" for e in rivals[:4])
    return told_plainly(
        id_,
        facet,
        M(
            "{what}: {n} different arrays could be it ({places}), so that none of them counts. One place is to hold it, under a name of its own.",
            what=what,
            n=len(rivals),
            places=shown + (", …" if len(rivals) > 4 else ""),
        ),
    )


def compare(
    id_: str, facet: str, what: Message, actual: np.ndarray, expected: np.ndarray
) -> CheckResult:
    """A failed check from two arrays: the worst element, what was expected there, what came out."""
    if actual.shape != expected.shape:
        return CheckResult(
            id_,
            facet,
            FAILED,
            M(
                "{what} has shape {actual}, expected {expected}.",
                what=what,
                actual=shape_text(actual.shape),
                expected=shape_text(expected.shape),
            ),
            expected,
            actual,
            hint=M("{what} has another shape than it should.", what=what),
        )
    with np.errstate(all="ignore"):
        difference = np.abs(actual.astype(np.float64) - expected)
    if not difference.size:
        return CheckResult(id_, facet, FAILED, M("{what} is empty.", what=what), expected, actual)
    finite = np.isfinite(difference)
    flat = int(np.argmax(np.where(finite, difference, np.inf)))
    where = tuple(int(i) for i in np.unravel_index(flat, difference.shape))
    largest = float(difference[where])
    scale = max(float(np.max(np.abs(expected))) if expected.size else 0.0, 1e-12)
    text = M(
        "{what} is wrong at index {where}: expected {expected}, got {actual}.",
        what=what,
        where=shape_text(where),
        expected=number(expected[where]),
        actual=number(actual[where]),
    )
    hint = M("{what} is wrong at index {where}.", what=what, where=shape_text(where))
    return CheckResult(
        id_, facet, FAILED, text, expected, actual, largest, largest / scale, where, hint=hint
    )


def told_plainly(id_: str, facet: str, message: Message) -> CheckResult:
    """A failed check whose sentence has no expected value in it: every feedback may tell it."""
    return CheckResult(id_, facet, FAILED, message, hint=message)


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape or index as Python writes it."""
    return f"({shape[0]},)" if len(shape) == 1 else "(" + ", ".join(map(str, shape)) + ")"


def number(value: object) -> str:
    """A number, short enough to read."""
    return f"{float(value):.6g}"  # type: ignore[arg-type]


# Where no exception of the student's says why a call gave nothing: our own words.
_OWN_REASONS = {
    str(reason): reason
    for reason in (
        M("it gives no output for such an input"),
        M("no way to call it was found"),
        M("it returns no array"),
        M("it does not end"),
        M("malformed reply"),
    )
}


def raised(
    id_: str, facet: str, call: str | Message, error: CellError | None, late: bool, died: str
) -> CheckResult:
    """A check that got no answer: the student's own exception, with its line."""
    if died:
        text = M("{call} ended the whole process: {reason}.", call=call, reason=died)
    elif late:
        text = M("{call} did not finish in time.", call=call)
    elif error is not None and error.message in _OWN_REASONS and not error.type:
        text = M("{call} gave no answer: {reason}.", call=call, reason=_OWN_REASONS[error.message])
    elif error is not None and error.place is not None:
        text = M(
            "{call} raised {error} ({place}: {text}).",
            call=call,
            error=in_words(error),
            place=error.place,
            text=error.text,
        )
    else:
        text = M("{call} raised {error}.", call=call, error=in_words(error) if error else "")
    return CheckResult(id_, facet, ERROR, text, error=None if died or late else error)


def not_worked_out(id_: str, facet: str, call: str, error: CellError) -> CheckResult:
    """A check that got no answer by a call that is our guess: the exception is not the student's."""
    text = M(
        "How it wants to be called could not be worked out: {call} raised {error}.",
        call=call, error=in_words(error),
    )  # fmt: skip
    return CheckResult(id_, facet, ERROR, text)


def skipped(id_: str, facet: str, reason: Message) -> CheckResult:
    """A check whose prerequisite failed."""
    return CheckResult(id_, facet, SKIPPED, reason)


def framed(result: CheckResult, frame: Callable[[Message], Message]) -> CheckResult:
    """The same with more around both of its sentences."""
    hint = frame(result.hint) if result.hint is not None else None
    return replace(result, message=frame(result.message), hint=hint)
