"""Which name belongs to which check: a facet has several, and each is told with the hint of its own."""

from __future__ import annotations

from collections.abc import Sequence

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis import exceptions
from graders.diagnosis.lessons.general import LIMITS
from graders.diagnosis.relations import relations
from graders.messages import Message
from graders.misconceptions import Diagnosis, Name

OTHER_AXES = "other-axes"

_OF_CALLS = LIMITS | {"batch-size-kept", "no-backward"}
"""What is told of the calls in which a layer fails, whether it raises or gives wrong numbers."""
_GENERAL = LIMITS | exceptions.VAGUE | exceptions.STILL | {OTHER_AXES}
"""Whose own hint says less than what was seen of the sizes."""
_OF_THE_CALL = frozenset({"other-arguments", "not-callable"})
"""What an exception tells of how something was called, which may have been our guess."""
_OF_ARRAYS = frozenset(hypothesis.name.id for hypothesis in relations())


def names_for(check: CheckResult, diagnoses: Sequence[Diagnosis]) -> tuple[Name, ...]:
    """The names of its facet, as far as they explain this check: an exception is explained by what it
    says, or by the sizes for which it comes, and wrong numbers by no exception. Of an array that was not found
    nothing is said that only an array can show.
    """
    each = [_of_diagnosis(check, d) for d in diagnoses if d.facet == check.facet]
    own = exceptions.name_of(check.error)
    if not each and own is not None and own.id not in _OF_THE_CALL and _has_line(check):
        return (own,)
    return next((names for names in each if names), ())


def seen_of(
    check: CheckResult, diagnoses: Sequence[Diagnosis], names: Sequence[Name]
) -> Message | None:
    """What was seen of the sizes where this check went wrong, if it says more than the hint of its names."""
    if names and names[0].id not in _GENERAL:
        return None
    for diagnosis in diagnoses:
        if diagnosis.facet != check.facet:
            continue
        if check.error is not None:
            return diagnosis.raised.get((check.error.cell, check.error.line))
        if is_misshapen(check):
            return diagnosis.axes
    return None


def _has_line(check: CheckResult) -> bool:
    return check.error is not None and check.error.line is not None


def is_misshapen(check: CheckResult) -> bool:
    """True if an array of another shape than the expected one was laid beside it."""
    actual, wanted = check.actual, check.expected
    return actual is not None and wanted is not None and actual.shape != wanted.shape


def _of_diagnosis(check: CheckResult, diagnosis: Diagnosis) -> tuple[Name, ...]:
    found = diagnosis.names
    if found[0].id == OTHER_AXES and not is_misshapen(check):
        return ()
    if found[0].id in _OF_CALLS:
        return found
    no_array = check.status == model.FAILED and check.actual is None and check.hint is not None
    if no_array and check.facet != "repeat" and found[0].id in _OF_ARRAYS:
        return ()
    of_exception = found[0].id in exceptions.IDS
    if check.error is None:
        return () if of_exception and check.status == model.FAILED else found
    own = exceptions.name_of(check.error)
    if own is None:
        return ()
    return found if found[0].id in (own.id, "written-size") else (own,)
