"""Rubrics of a class's items: how they grow and change, what a change comes to, and what a person finds by them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from graders.batch.store import Row, Store
from graders.course.impact import ItemChange, StudentChange
from graders.course.marking import items_of, made, no_such_item, text_of
from graders.errors import UsageError
from graders.ledger.model import Decision, ItemMark, Who
from graders.ledger.rubric import Criterion, Judged, Rubric, Way
from graders.messages import Language, M, clean
from graders.report.criteria import signed
from graders.specs.document import Document, validate_with
from graders.spelling import near

MOST_CRITERIA = 80  # of one rubric: more are no rubric any more, and a form has no room for them
MOST_TEXT = 500  # characters of a criterion, in each language
_MOST_POINTS = 1_000_000
_SCHEMA = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["criteria"],
        "additionalProperties": False,
        "properties": {
            "way": {"enum": [way.value for way in Way]},
            "criteria": {
                "type": "array",
                "maxItems": MOST_CRITERIA,
                "items": {
                    "type": "object",
                    "required": ["points"],
                    "additionalProperties": False,
                    "properties": {
                        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
                        "points": {"type": "number"},
                        "ja": {"type": "string", "maxLength": MOST_TEXT},
                        "en": {"type": "string", "maxLength": MOST_TEXT},
                    },
                },
            },
        },
    },
}


# -- how a rubric changes --------------------------------------------------------------------------


def rubric_of(store: Store, sprint: str, item: str) -> Rubric:
    """The rubric of an item as it is now; one without criteria where nobody made one."""
    return store.marking().rubric(sprint, item) or Rubric()


def fresh_ids(store: Store, sprint: str, item: str, given: Collection[str] = ()) -> Iterator[str]:
    """Ids that no criterion of the item's rubric has or ever had: what was applied once means no other one.
    `given`: further ones that are taken.
    """
    taken = {
        one.id for decision in store.ledger.decisions()
        if decision.kind == "rubric" and (decision.sprint, decision.item) == (sprint, item)
        for one in Rubric.of(decision.terms).criteria
    }  # fmt: skip
    taken.update(given)
    return (name for n in count(1) if (name := f"c{n}") not in taken)


def criterion(id_: str, points: float, ja: str, en: str) -> Criterion:
    """A criterion as it is kept.

    Raises:
        UsageError: it says nothing, or too much, or has no number of points.
    """
    if max(len(ja), len(en)) > MOST_TEXT:
        raise UsageError(
            M(
                "{n} characters; a criterion has at most {most}",
                n=max(len(ja), len(en)),
                most=MOST_TEXT,
            )
        )
    ja, en = (clean(text, MOST_TEXT).strip() for text in (ja, en))
    if not ja and not en:
        raise UsageError(M("say in a few words what the criterion is, in one language at least"))
    _number_of_points(points)
    return Criterion(id_, float(points), ja, en)


def _number_of_points(points: float) -> None:
    if not math.isfinite(points) or abs(points) > _MOST_POINTS:
        raise UsageError(M("{points}: no number of points", points=f"{points:g}"))


def revised(sprint: str, item: str, rubric: Rubric, by: str, reason: str = "") -> Decision:
    """The decision that gives an item a rubric in the place of the one that it has; not kept yet.

    Raises:
        UsageError: it has too many criteria, or two of one id.
    """
    if len(rubric.criteria) > MOST_CRITERIA:
        raise UsageError(M("a rubric has at most {most} criteria", most=MOST_CRITERIA))
    ids = [one.id for one in rubric.criteria]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise UsageError(M("{item}: two criteria have the id {id}", item=item, id=twice[0]))
    said = text_of(reason, "--reason")
    return Decision(0, "", by, Who(""), sprint, item, "rubric", None, said, terms=rubric.terms)


def changes(store: Store, decisions: Sequence[Decision]) -> list[StudentChange]:
    """For whom decisions about rubrics would change points, in the order of the class."""
    about = {one.item for one in decisions}
    found = []
    for old, after in store.beside(decisions):
        items = tuple(
            ItemChange(name, was, now, (), ())
            for name in dict.fromkeys([*old.marks.items, *after.marks.items])
            if name in about
            and _counts(was := old.marks.items.get(name)) != _counts(now := after.marks.items.get(name))
        )  # fmt: skip
        if items:
            found.append(StudentChange(old, after, after.marks, items))
    return found


def _counts(mark: ItemMark | None) -> tuple[float, bool] | None:
    return None if mark is None else (mark.points, mark.waits)


# -- what is found by it ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """What a person wants to be noted of a student's work. `met`: ids of criteria, all of those that are met."""

    item: str
    met: frozenset[str]
    adjusted: float = 0.0
    reason: str = ""
    comment: str = ""


def judged(store: Store, row: Row, wish: Finding, by: str) -> Decision:
    """The decision that a finding comes to; not kept yet.

    Raises:
        UsageError: it can't be decided, and why.
    """
    reason, comment = text_of(wish.reason, "--reason"), text_of(wish.comment, "--comment")
    sprint, known = items_of(store, row, wish.item)
    if wish.item not in known:
        raise UsageError(no_such_item(row, wish.item, list(known)))
    marking = store.marking()
    rubric = marking.rubric(sprint, wish.item) or Rubric()
    if not rubric.criteria:
        raise UsageError(
            M("{item} has no rubric yet: `scratchgrade rubric` or the page of the problem makes one",
              item=wish.item)
        )  # fmt: skip
    names = [one.id for one in rubric.criteria]
    for name in sorted(wish.met - set(names)):
        raise UsageError(
            M("{item}: no criterion {id} in its rubric (any more){near}", item=wish.item, id=name,
              near=near(name, names))
        )  # fmt: skip
    most = known[wish.item].most or marking.worth(sprint, wish.item) or 0.0
    if not most:
        raise UsageError(
            M("{item} has no points by its spec; say once for the class what it is worth, for "
              "example --worth {item}=5", item=wish.item)
        )  # fmt: skip
    _number_of_points(wish.adjusted)
    before = row.marks.items.get(wish.item)
    stands = before.by if before is not None else None
    if wish.adjusted and not wish.met and (stands is None or stands.kind != "criteria"):
        raise UsageError(
            M("points on top go with criteria: apply one first, or say that none is met")
        )
    if before is not None and before.by is not None and before.adjusted == wish.adjusted != 0:
        reason = (
            reason or before.by.reason
        )  # it was said why when they were given, in this or in a comment
    elif wish.adjusted and not reason and not comment:
        raise UsageError(
            M("points on top of the criteria, or off: say with a comment or a reason why")
        )
    found = Judged(rubric.chosen(wish.met), round(wish.adjusted, 9))
    points = rubric.points(found.met, found.adjusted, most)
    one = made(row, by, sprint, wish.item, "criteria", points, reason, comment)
    return replace(one, terms=found.terms)


def toggled(row: Row, item: str, id_: str) -> Finding | None:
    """What is found once a criterion is applied, or removed where it is met; None where nothing is left of it,
    so that the work waits for a person again.
    """
    mark = row.marks.items.get(item)
    met = frozenset(one.id for one in mark.met) if mark is not None else frozenset()
    adjusted = mark.adjusted if mark is not None else 0.0
    left = met ^ {id_}
    if not left and not adjusted:
        return None
    return Finding(item, left, adjusted)


# -- a file of it ----------------------------------------------------------------------------------


def places(store: Store) -> list[tuple[str, str]]:
    """(sprint, item) of all that can have a rubric, in the class's order."""
    found = []
    for sprint in sorted({row.sprint for row in store.rows() if row.status == "graded"}):
        like = store.like(sprint)
        found += [(sprint, graded.id) for graded in (like.graded if like is not None else ())]
    return found


def _names(all_: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """How a file names items: by the sprint, too, where the class has several."""
    mixed = len({sprint for sprint, _ in all_}) > 1
    return {f"{sprint}/{item}" if mixed else item: (sprint, item) for sprint, item in all_}


def exported(store: Store) -> str:
    """The rubrics of a class as a file, for the next one."""
    marking = store.marking()
    found: dict[str, Any] = {}
    for name, (sprint, item) in _names(places(store)).items():
        rubric = marking.rubric(sprint, item)
        if rubric is not None and rubric.criteria:
            criteria = [{k: v for k, v in one.told().items() if v != ""} for one in rubric.criteria]
            found[name] = {"way": rubric.way.value, "criteria": criteria}
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=100)


def imported(store: Store, file: Path, by: str, reason: str = "") -> list[Decision]:
    """The decisions that a file of rubrics comes to; those that change nothing are left out.

    Raises:
        SpecError: it is malformed; the message has file, line and key.
        UsageError: it names an item that the class doesn't have, or a rubric that can't be.
    """
    document = Document(file, aliases=False)
    validate_with(document, _SCHEMA, document.data)
    known = _names(places(store))
    marking = store.marking()
    found = []
    for name, told in document.data.items():
        if name not in known:
            raise UsageError(
                M("{file}: the class has no item {item}{near}", file=str(file), item=name,
                  near=near(name, list(known)))
            )  # fmt: skip
        sprint, item = known[name]
        rubric = Rubric(Way(told.get("way", "add")), tuple(_criteria(store, sprint, item, told)))
        if rubric != (marking.rubric(sprint, item) or Rubric()):
            found.append(revised(sprint, item, rubric, by, reason))
    return found


def _criteria(store: Store, sprint: str, item: str, told: Mapping[str, Any]) -> Iterator[Criterion]:
    """Those that a file gives no id have new ones."""
    given = {one["id"] for one in told["criteria"] if "id" in one}
    fresh = fresh_ids(store, sprint, item, given)
    for one in told["criteria"]:
        id_ = one["id"] if "id" in one else next(fresh)
        yield criterion(id_, one["points"], one.get("ja", ""), one.get("en", ""))


# -- told ------------------------------------------------------------------------------------------


def told(rubric: Rubric, language: Language) -> Iterator[str]:
    """A rubric in lines."""
    yield WAYS[rubric.way].in_language(language)
    for one in rubric.criteria:
        yield f"  {one.id}: {signed(rubric.effect(one))} {one.text(language)}"


WAYS = {
    Way.ADD: M("criteria add points, from 0 on"),
    Way.SUBTRACT: M("criteria take points off, from all of them on"),
}
