"""What another grading would change: who gains, who loses, which item, and why."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

from graders.batch.outputs.gradebook import cell, number
from graders.batch.store import Row, Store
from graders.ledger.model import Decision, ItemMark, Marks
from graders.messages import Language, M, Message, clean
from graders.report.late import late_said
from graders.report.pages import templates
from graders.report.words import STATUS

_MESSAGES = 3
_NEVER_LOWER = "regrade --never-lower"


@dataclass(frozen=True)
class ItemChange:
    """An item before and after. `kept`: it would be lower, and stays (``--never-lower``)."""

    item: str
    before: ItemMark | None
    after: ItemMark | None
    said_before: tuple[str, ...]
    said_after: tuple[str, ...]
    kept: bool = False

    @property
    def points(self) -> tuple[float, float]:
        """The points that count, before and after."""
        return (
            self.before.points if self.before else 0.0,
            self.after.points if self.after else 0.0,
        )


@dataclass(frozen=True)
class StudentChange:
    """A student whose mark or whose items would be others."""

    before: Row
    after: Row
    marks: Marks  # afterwards, with what is kept
    items: tuple[ItemChange, ...]
    refused: bool = False  # it could not be graded again: nothing of it can be applied

    @property
    def difference(self) -> float:
        """By how much the mark changes."""
        return round(self.marks.score - self.before.marks.score, 9)

    def floors(self, by: str) -> list[Decision]:
        """The decisions that keep what would be lower."""
        return [
            Decision(0, "", by, self.before.who, self.after.sprint, one.item, "floor",
                     one.points[0], _NEVER_LOWER, "", self.before.files, self.before.key)
            for one in self.items if one.kept
        ]  # fmt: skip


def compared(store: Store, proposal: Store, never_lower: bool) -> list[StudentChange]:
    """Everybody in the proposal for whom it changes anything, in the order of the class."""
    rows = list(store.rows())
    return [spoken(store, proposal, one) for one in counted(rows, proposal, never_lower)]


def counted(rows: Sequence[Row], proposal: Store, never_lower: bool) -> list[StudentChange]:
    """The same without the sentences of the gradings, which need every report. `rows`: the class as it is."""
    before = {row.id: row for row in rows}
    found = []
    for after in proposal.rows():
        if after.id in before and before[after.id].files == after.files:
            change = _compared(before[after.id], after, never_lower)
            if change is not None:
                found.append(change)
    return found


def spoken(store: Store, proposal: Store, change: StudentChange) -> StudentChange:
    """A change with what either grading says of the items."""
    if not change.items:
        return change
    before, after = (_said(json.loads(s.report(change.before.id))) for s in (store, proposal))
    items = [
        replace(one, said_before=before.get(one.item, ()), said_after=after.get(one.item, ()))
        for one in change.items
    ]  # fmt: skip
    return replace(change, items=tuple(items))


def _compared(before: Row, after: Row, never_lower: bool) -> StudentChange | None:
    if before.status == "graded" and after.status != "graded":
        return StudentChange(before, after, before.marks, (), refused=True)
    items, earned = [], after.marks.earned
    marked = dict(after.marks.items)
    for name in [*before.marks.items, *(n for n in marked if n not in before.marks.items)]:
        old, new = before.marks.items.get(name), marked.get(name)
        if _same(old, new):
            continue
        kept = False
        if never_lower and old and new and not new.by and old.counts and new.counts:
            floor = min(old.points, new.most)
            if new.points < floor:
                earned += floor - new.points
                new, kept = replace(new, points=floor), True
                marked[name] = new
        items.append(ItemChange(name, old, new, (), (), kept))
    marks = after.marks.with_items(marked, earned)
    whole = (before.marks.score, before.marks.max_score, before.marks.known)
    if not items and (marks.score, marks.max_score, marks.known) == whole:
        return None
    return StudentChange(before, after, marks, tuple(items))


def _same(old: ItemMark | None, new: ItemMark | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.points, old.most, old.graded.points, old.graded.status) == (
        new.points, new.most, new.graded.points, new.graded.status,
    )  # fmt: skip


def _said(report: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a report says of each item, in a few lines."""
    found = {}
    for item in report["items"]:
        lines, facets = [], set()
        for check in item["checks"]:
            if check["status"] in ("failed", "error") and check["facet"] not in facets:
                facets.add(check["facet"])
                lines.append(clean(f"{check['facet']}: {check['message']}", 300))
        found[item["id"]] = tuple(lines[:_MESSAGES]) or (clean(item["message"], 300),)
    return found


# -- told ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """The impact in numbers and words, for whoever shows it."""

    changes: Sequence[StudentChange]
    language: Language
    compared: int  # submissions that were graded again
    unchanged: int  # whose grading would be the same anyhow
    rules: Sequence[Message]
    left: Sequence[Message]  # who could not be graded again, and why
    command: str = "regrade"  # what lets it count

    def whole(self) -> Message:
        """In one sentence."""
        counted = [c for c in self.changes if not c.refused]
        return M(
            "{n} of {total} would change: {up} gain, {down} lose, {same} keep their mark",
            n=len(counted), total=self.compared + self.unchanged,
            up=sum(c.difference > 0 for c in counted),
            down=sum(c.difference < 0 for c in counted),
            same=sum(c.difference == 0 for c in counted),
        )  # fmt: skip


def lines(told: Told, most: int) -> Iterator[str]:
    """The impact for a terminal: the largest losses first, then the gains."""

    def say(message: Message) -> str:
        return message.in_language(told.language)

    yield say(told.whole())
    yield from (say(message) for message in [*told.rules, *told.left])
    for change in ordered(told.changes)[:most]:
        row, marks = change.before, change.marks
        if change.refused:
            yield f"{row.id}: " + say(
                M("could not be graded again ({reason}): the grading stays",
                  reason=change.after.reason_in(told.language))
            )  # fmt: skip
            continue
        known = f"{number(row.marks.score)} / {number(row.marks.max_score)}"
        old = known if row.marks.known else "-"
        yield f"{row.id}: {old} -> {number(marks.score)} / {number(marks.max_score)}"
        yield from (f"  {text}" for text in _late(change, told.language))
        for one in change.items:
            yield f"  {one.item}: {points_said(one, told.language)}"
            if one.said_before != one.said_after:
                for title, texts in ((M("before"), one.said_before), (M("now"), one.said_after)):
                    yield from (f"    {say(title)}: {text}" for text in texts if text)
    if len(told.changes) > most:
        yield say(M("... and {n} more, in {file}", n=len(told.changes) - most, file="impact.csv"))


def _late(change: StudentChange, language: Language) -> Iterator[str]:
    """What is taken off for being late afterwards, or that it was taken off before."""
    said = late_said(change.marks.late)
    if said is not None:
        yield said.in_language(language)
    elif change.before.marks.taken_off:
        off = number(change.before.marks.taken_off)
        yield M("not late any more: {points} points are not taken off", points=off).in_language(
            language
        )


def ordered(changes: Sequence[StudentChange]) -> list[StudentChange]:
    """The largest losses first, then the gains."""
    return sorted(changes, key=lambda c: c.difference)


def points_said(one: ItemChange, language: Language) -> str:
    """An item's points before and after, and why they stay where they do."""

    def shown(mark: ItemMark | None) -> str:
        if mark is None:
            return "-"
        word = STATUS[mark.graded.status].in_language(language)
        return f"{number(mark.points)} / {number(mark.most)} ({word})"

    text = f"{shown(one.before)} -> {shown(one.after)}"
    if one.kept:
        return f"{text} {M('kept: it would be lower').in_language(language)}"
    if one.after is not None and one.after.by is not None and one.points[0] == one.points[1]:
        return f"{text} {M('decided by a person: it stays').in_language(language)}"
    return text


def write_table(told: Told, file: TextIO) -> None:
    """One row an item that would be another."""
    table = csv.writer(file)
    table.writerow(["id", "name", "score_before", "score_after", "item", "points_before",
                    "points_after", "kept", "said_before", "said_after"])  # fmt: skip
    for change in ordered(told.changes):
        row = change.before
        scores = [number(row.marks.score) if row.marks.known else "", number(change.marks.score)]
        for one in change.items or (None,):
            late = " ".join(_late(change, told.language))
            what = ["", "", "", "", "", change.after.reason_in(told.language) or late]
            if one is not None:
                old, new = one.points
                what = [one.item, number(old), number(new), "yes" if one.kept else "",
                        " / ".join(one.said_before), " / ".join(one.said_after)]  # fmt: skip
            table.writerow(map(cell, [row.id, row.student.name, *scores, *what]))


_LABELS = {
    "title": M("What would change"),
    "student": M("Student"),
    "item": M("Problem"),
    "before": M("before"),
    "now": M("now"),
    "points": M("points"),
}


def write_page(told: Told, file: TextIO) -> None:
    """The impact as a page: old and new beside each other."""
    language = told.language
    rows = [
        {"change": change, "late": list(_late(change, language)), "items": [
            {"one": one, "points": points_said(one, language)} for one in change.items
        ]}
        for change in ordered(told.changes)
    ]  # fmt: skip
    template = templates("graders.course").get_template("impact.html.j2")
    file.write(
        template.render(
            language=language,
            whole=told.whole().in_language(language),
            notes=[m.in_language(language) for m in [*told.rules, *told.left]],
            rows=rows,
            label={name: m.in_language(language) for name, m in _LABELS.items()},
            nothing=M(
                "Nothing counts yet: scratchgrade {command} --apply lets it.", command=told.command
            ).in_language(language),
        )
    )
