"""When a class has to hand in and what is taken off afterwards: laid down with its impact first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.batch.store import Row, Store
from graders.course.impact import StudentChange
from graders.course.opening import student
from graders.errors import UsageError
from graders.ledger.late import Base, LateRule
from graders.ledger.model import Decision, Who
from graders.messages import M, Message
from graders.report.late import due_said, late_said, rule_said
from graders.times import Moment, moment, shown, zone_of

_NAMED = 8
_MOST_GRACE = 7 * 24 * 60
_MOST_DAYS = 1_000


@dataclass(frozen=True)
class Terms:
    """What is asked for of a rule; None where it stays as it is."""

    due: str | None = None
    zone: str | None = None
    per_day: float | None = None
    base: str | None = None
    grace: int | None = None
    most_days: int | None = None
    floor: float | None = None

    @property
    def empty(self) -> bool:
        """True if nothing is asked for."""
        return self == Terms()


def laid_down(store: Store, sprint: str, terms: Terms, by: str, reason: str) -> Decision:
    """The decision that lays down when the class (or one sprint of it) has to hand in; not kept yet.

    Raises:
        UsageError: it can't be laid down, and why.
    """
    _check_sprint(store, sprint)
    before = store.marking().rule(sprint)
    if before is None and terms.due is None:
        raise UsageError(M("there is no due date yet: say it with --due 2026-12-01T23:59+09:00"))
    zone = terms.zone or (before.zone if before is not None else "")
    due = before.due if before is not None else None
    if terms.due is not None:
        told = _moment(terms.due)
        zone = zone or _zone_in(told, terms.due)
        due = told.end(zone_of(zone))
    elif terms.zone is not None and due is not None:
        due = due.astimezone(zone_of(zone))
    assert due is not None
    kept = before or LateRule(due, zone)
    rule = LateRule(
        due, zone,
        _per_cent("--per-day", terms.per_day, kept.per_day),
        kept.base if terms.base is None else Base(terms.base),
        _whole("--grace", terms.grace, kept.grace, 0, _MOST_GRACE),
        kept.most_days if terms.most_days is None
        else _whole("--most-days", terms.most_days, 0, 1, _MOST_DAYS),
        _per_cent("--floor", terms.floor, kept.floor),
    )  # fmt: skip
    return Decision(0, "", by, Who(""), sprint, "", "late", None, reason, terms=rule.terms)


def lifted(store: Store, sprint: str, by: str, reason: str) -> Decision:
    """The decision that nothing is due any more. Raises UsageError if nothing is."""
    _check_sprint(store, sprint)
    if store.marking().rule(sprint) is None:
        raise UsageError(M("there is no due date that could be lifted"))
    return Decision(0, "", by, Who(""), sprint, "", "late", None, reason)


def extended(store: Store, given: str, by: str, reason: str) -> Decision:
    """The decision that gives a student a date of their own, from ``STUDENT=TIME``; not kept yet.

    Raises:
        UsageError: it can't be given, and why.
    """
    name, _, text = given.rpartition("=")
    if not name.strip():
        raise UsageError(M("--extend {given}: say STUDENT=TIME", given=given))
    row = student(store, name)
    rule = store.marking().rule(row.sprint)
    if rule is None:
        raise UsageError(M("there is no due date yet: say it with --due 2026-12-01T23:59+09:00"))
    until = _moment(text).end(zone_of(rule.zone))
    if until <= rule.due:
        raise UsageError(
            M("--extend {given}: that is not after the due date of all, {due}", given=given,
              due=shown(rule.due))
        )  # fmt: skip
    terms = until.isoformat(timespec="seconds")
    return Decision(0, "", by, row.who, row.sprint, "", "extension", None, reason, "", row.files,
                    row.key, terms=terms)  # fmt: skip


def changes(store: Store, decisions: Sequence[Decision]) -> list[StudentChange]:
    """For whom the decisions would change the mark, in the order of the class."""
    found = []
    for old, after in store.beside(decisions):
        if old.marks.score != after.marks.score or said(old) != said(after):
            found.append(StudentChange(old, after, after.marks, ()))
    return found


def said(row: Row) -> Message | None:
    """What of a student's mark was taken off, and why; None where it is not late."""
    return late_said(row.marks.late)


def unknown_said(rows: Sequence[Row]) -> Iterator[Message]:
    """That they are never late, and which of them the learning system calls late."""
    found = [row for row in rows if row.untimed]
    if found:
        yield M("when it was handed in is not known, so it is never late: {ids}", ids=_named(found))
    flagged = [row for row in found if row.late]
    if flagged:
        yield M("of these the learning system calls late, without saying by how much: {ids}; a column "
                "`submitted` in --roster or in the manifest says when", ids=_named(flagged))  # fmt: skip


def standing(store: Store) -> Iterator[Message]:
    """What holds for the class: the rules, who is late, who has a date of their own."""
    rows = list(store.rows())
    marking = store.marking()
    sprints = sorted({row.sprint for row in rows if row.sprint}) or [""]
    for sprint in sprints:
        rule = marking.rule(sprint)
        if rule is None:
            yield M("{sprint}: no due date; nothing is ever late", sprint=sprint or "-")
        else:
            told = rule.told()
            yield M("{sprint}: {due}; {rule}", sprint=sprint or "-", due=due_said(told),
                    rule=rule_said(told))  # fmt: skip
    for row in rows:
        late, own = said(row), marking.extension(row.who, row.sprint)
        if own is not None and row.marks.lateness is not None:
            yield M("{id}: a date of their own, {due} (#{n})", id=row.id,
                    due=shown(row.marks.lateness.due), n=own.number)  # fmt: skip
        if late is not None:
            yield M("{id}: {late}", id=row.id, late=late)
    yield from unknown_said(rows)


def _named(rows: Sequence[Row]) -> str:
    more = f", ... ({len(rows)})" if len(rows) > _NAMED else ""
    return ", ".join(row.id for row in rows[:_NAMED]) + more


def _check_sprint(store: Store, sprint: str) -> None:
    known = sorted({row.sprint for row in store.rows() if row.sprint})
    if sprint and sprint not in known:
        raise UsageError(
            M("--sprint {sprint}: nobody of this class was graded in it; there are: {known}",
              sprint=sprint, known=", ".join(known) or "-")
        )  # fmt: skip


def _moment(text: str) -> Moment:
    found = moment(text)
    if found is None:
        raise UsageError(
            M("{text}: no time that is understood; write it as 2026-12-01T23:59+09:00 or 2026-12-01",
              text=text)
        )  # fmt: skip
    return found


def _zone_in(told: Moment, text: str) -> str:
    """The zone that a time brings along."""
    if told.offset is None:
        raise UsageError(
            M("{text}: in which time zone? Write it as 2026-12-01T23:59+09:00, or say --zone Asia/Tokyo",
              text=text)
        )  # fmt: skip
    name = told.wall.replace(tzinfo=told.offset).strftime("%z")
    return f"{name[:3]}:{name[3:]}"


def _per_cent(option: str, value: float | None, kept: float) -> float:
    if value is None:
        return kept
    if not math.isfinite(value) or not 0 <= value <= 100:
        raise UsageError(M("{option} {value}: per cent, from 0 to 100", option=option,
                           value=f"{value:g}"))  # fmt: skip
    return value


def _whole(option: str, value: int | None, kept: int, least: int, most: int) -> int:
    if value is None:
        return kept
    if not least <= value <= most:
        raise UsageError(M("{option} {value}: must be from {least} to {most}", option=option,
                           value=value, least=least, most=most))  # fmt: skip
    return value
