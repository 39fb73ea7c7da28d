"""The one door to the judges of kinds, ours and plugins', and to the further checks of plugins."""

from __future__ import annotations

from dataclasses import replace

from graders.checks import model
from graders.checks.model import CheckResult
from graders.judging.context import Context
from graders.judging.results import ItemResult, counted, status_of, with_explanation
from graders.kinds.built_in import kind_of
from graders.messages import M
from graders.plugins import plugins
from graders.specs import ItemSpec

_JUDGED = ("passed", "partial", "failed")
_STATUSES = (*_JUDGED, "error", "missing", "manual")


class NoVerdict(Exception):
    """A judge or check gave something that is no verdict."""


def judged_by_kind(spec: ItemSpec, context: Context) -> ItemResult:
    """The verdict of the judge of the item's kind, explained.

    Raises:
        NoVerdict: it is no verdict on this item.
        Exception: whatever the judge raises.
    """
    result = kind_of(spec.kind).judge(spec, context)
    if not isinstance(result, ItemResult):
        raise NoVerdict(f"the judge gave {type(result).__name__}, not an ItemResult")
    if result.status not in _STATUSES:
        raise NoVerdict(f"{result.status!r} is no status")
    for check in result.checks:
        if not isinstance(check, CheckResult) or check.facet not in spec.facets:
            raise NoVerdict(f"{check!r:.100} is no check of a facet that the item has")
    if result.status not in _JUDGED:
        return with_explanation(result)
    # A judge need not know what earns nothing by itself: that is settled here, for all kinds.
    settled = counted(result)
    if settled is result and result.status != status_of(spec, result.checks):
        raise NoVerdict(f"the status {result.status!r} is not what its checks say")
    return with_explanation(settled)


def further_checks(result: ItemResult, context: Context) -> ItemResult:
    """The verdict with the further checks that plugins make of the item.

    They are made where there is something to check: an answer was found and could be called.

    Raises:
        NoVerdict: one gives no check of its facet.
        Exception: whatever a check raises.
    """
    spec = result.spec
    further = plugins().checks(spec) if result.status in _JUDGED else ()
    if not further:
        return result
    made: list[CheckResult] = []
    for check in further:
        one = check.run(spec, context, result)
        if not isinstance(one, CheckResult) or (one.id, one.facet) != (check.id, check.facet):
            raise NoVerdict(f"the check {check.id} gave {one!r:.100}, not a result of this id")
        made.append(one)
    checks = (*result.checks, *made)
    status = status_of(spec, checks)
    message = result.message
    if result.status == "passed" and status != "passed":
        wrong = [c for c in made if c.status in (model.FAILED, model.ERROR)]
        message = wrong[0].message if wrong else M("Not everything could be checked.")
    return replace(result, checks=checks, status=status, message=message)
