"""How much a report says: everything, the place and the kind of mistake, or statuses and points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis import Diagnosis, Name
from graders.diagnosis.belonging import names_for, seen_of
from graders.edits.model import Repair
from graders.judging.results import ItemResult
from graders.messages import Language, M, Message

Feedback = Literal["full", "hint", "score"]
LEVELS: tuple[Feedback, ...] = ("full", "hint", "score")
_NOTHING = Message("")


def told(check: CheckResult, feedback: Feedback) -> Message:
    """The sentence on a check; without expected values below ``full``."""
    if feedback == "full" or (feedback == "hint" and check.status != model.FAILED):
        return check.message
    if feedback == "score":
        return _NOTHING
    if check.hint is not None:
        return check.hint
    if check.where is not None:
        return M(
            "{facet} is wrong at index {where}.",
            facet=check.facet,
            where=model.shape_text(check.where),
        )
    return M("{facet} is wrong.", facet=check.facet)


def told_of_item(result: ItemResult, feedback: Feedback) -> Message:
    """The sentence on an item."""
    if feedback == "full":
        return result.message
    wrong = [c for c in result.checks if c.status in (model.FAILED, model.ERROR)]
    if wrong:
        return told(wrong[0], feedback)
    return _NOTHING if feedback == "score" else result.message


def hint_on(check: CheckResult, result: ItemResult, feedback: Feedback) -> Message:
    """The name of the mistake and where to look; empty where none is known."""
    if feedback == "score" or check.status not in (model.FAILED, model.ERROR):
        return _NOTHING
    mine = names_for(check, result.diagnoses)
    seen = seen_of(check, result.diagnoses, mine)
    repair = next((r for r in result.repairs if check.facet in r.facets), None)
    if repair is None:
        return _sentence(mine, seen) if mine else seen or _NOTHING
    line = repair_of(repair, feedback)
    if not mine:
        return line
    # Both are proved, and of different things: the name by what the array is, the repair by what would
    # make it right. So neither gives way. The lesson's own hint, where to look, does: here is the line.
    return M("{title}. {repair}", title=_title(mine), repair=line)


def repair_of(repair: Repair, feedback: Feedback) -> Message:
    """What may be told of a repair: the line before and after, its place and kind, or nothing."""
    if feedback == "score":
        return _NOTHING
    return repair.sentence if feedback == "full" else repair.hint


def _sentence(names: Sequence[Name], seen: Message | None) -> Message:
    return M("{title}. {hint}", title=_title(names), hint=seen or names[0].lesson.hint)


def _title(names: Sequence[Name]) -> Message:
    if len(names) == 1:
        return names[0].lesson.title
    return M("{title}, or: {other}", title=names[0].lesson.title, other=names[1].lesson.title)


def misconceptions(
    result: ItemResult, feedback: Feedback, language: Language
) -> list[dict[str, Any]]:
    """What the failed facets of an item are diagnosed as, as the report has it."""
    if feedback == "score":
        return []
    return [_entry(d, language) for d in result.diagnoses]


def _entry(diagnosis: Diagnosis, language: Language) -> dict[str, Any]:
    best = diagnosis.best.lesson
    return {
        "id": diagnosis.best.id,
        "facet": diagnosis.facet,
        "title": best.title.in_language(language),
        "explanation": best.explanation.in_language(language),
        "hint": best.hint.in_language(language),
        "alternatives": [
            {"id": n.id, "title": n.lesson.title.in_language(language)} for n in diagnosis.names[1:]
        ],
    }
