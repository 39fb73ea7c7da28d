"""How much a report says: everything, the place and the kind of mistake, or statuses and points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis import Diagnosis, Name
from graders.judging import ItemResult
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
    mine = [d for d in result.diagnoses if d.facet == check.facet]
    return _sentence(mine[0].names) if mine else _NOTHING


def _sentence(names: Sequence[Name]) -> Message:
    first = names[0].lesson
    if len(names) == 1:
        return M("{title}. {hint}", title=first.title, hint=first.hint)
    return M(
        "{title}, or: {other}. {hint}",
        title=first.title,
        other=names[1].lesson.title,
        hint=first.hint,
    )


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
