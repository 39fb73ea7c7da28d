"""Which name belongs to which check: a facet has several, and each is told with the hint of its own."""

from __future__ import annotations

from collections.abc import Sequence

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis import exceptions, limits
from graders.diagnosis.relations import relations
from graders.misconceptions import Diagnosis, Name

_OF_CALLS = limits.IDS | {"batch-size-kept", "no-backward"}
"""What is told of the calls in which a layer fails, whether it raises or gives wrong numbers."""
_OF_ARRAYS = frozenset(hypothesis.name.id for hypothesis in relations())


def names_for(check: CheckResult, diagnoses: Sequence[Diagnosis]) -> tuple[Name, ...]:
    """The names of its facet, as far as they explain this check: an exception is explained by what it
    says, or by the sizes for which it comes, and wrong numbers by no exception. Of an array that was not found
    nothing is said that only an array can show.
    """
    found = next((d.names for d in diagnoses if d.facet == check.facet), ())
    if not found or found[0].id in _OF_CALLS:
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
