"""Tables for spreadsheets and learning systems. No cell of them is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TextIO

from graders.batch.outputs.summary import Summary
from graders.batch.store import Row, Store
from graders.ledger.model import Marks, Published
from graders.ledger.rubric import Rubric
from graders.messages import Language, clean
from graders.report.criteria import BY_HAND, signed
from graders.report.late import late_said
from graders.report.words import STATUS
from graders.times import kept_shown

# What a spreadsheet takes for the beginning of a formula, in full width as well.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FEEDBACK = 4_000
_BEFORE = ("id", "name", "number", "email", "submission", "status", "sprint", "score", "max_score",
           "percent")  # fmt: skip
_AFTER = (
    "seconds",
    "reason",
    "late",
    "attempt",
    "decided",
    "waits_for_a_person",
    "submitted",
    "days_late",
    "taken_off",
    "published",
    "as_of",
)
COMMENT = "comment"
AS_OF = "as_of"
COLUMNS = frozenset([*_BEFORE, *_AFTER, COMMENT])
"""Those of a gradebook that are no item's."""


def cell(value: object) -> object:
    """A value for a cell: text that a spreadsheet would take for a formula gets an apostrophe."""
    if not isinstance(value, str):
        return value
    text = clean(value, _FEEDBACK)
    return "'" + text if text.startswith(_FORMULA) else text


def number(value: float) -> str:
    """Points without trailing zeros."""
    return f"{value:g}"


def write_gradebook(
    store: Store, whole: Summary, file: TextIO, sprint: str = "",
    published: Mapping[str, Published] = MappingProxyType({}),
) -> None:  # fmt: skip
    """One row a submission, one column an item. `sprint`: its submissions and those that are of none;
    all of them if it is "".

    Cells are the marks that count; which of them a person decided stands in a column of its own, and
    what a student was told by `scratchgrade publish` in another. By `as_of` it is known what the other
    cells were, whatever somebody makes of them (`scratchgrade mark --from`).
    """
    table = csv.writer(file)
    ids = [item.id for item in whole.items_of(sprint)]
    table.writerow([*_BEFORE, *ids, *_AFTER, COMMENT])
    for row in rows_of(store, sprint):
        marks, who = row.marks, row.student
        scores = [number(marks.score), number(marks.max_score), f"{100 * row.share:.1f}"]
        told = published.get(row.id)
        table.writerow(map(cell, [
            row.id, who.name, who.number, who.email, row.shown, row.status, row.sprint,
            *(scores if marks.known else ["", "", ""]), *(points(marks, i) for i in ids),
            f"{row.seconds:.2f}", row.reason_in(whole.language), "LATE" if row.is_late else "",
            str(row.attempt or ""), "; ".join(_decided(marks)), " ".join(marks.waiting), *_late(row),
            number(told.score) if told is not None and told.known else "", row.as_of, comments(marks),
        ]))  # fmt: skip


def _late(row: Row) -> tuple[str, str, str]:
    """When it was handed in, how many days late (nothing where that is not known), what that costs."""
    late = row.marks.lateness
    zone = late.due.tzinfo if late is not None else None
    known = late is not None and row.marks.known and not row.untimed
    off = number(row.marks.taken_off) if row.marks.taken_off else ""
    return (
        kept_shown(row.submitted, zone),
        str(late.days) if late is not None and known else "",
        off,
    )


def points(marks: Marks, item: str) -> str:
    """The cell of an item; "" where there are none, or only a person can give them."""
    mark = marks.items.get(item)
    return number(mark.points) if mark is not None and mark.most and not mark.waits else ""


def comments(marks: Marks) -> str:
    """The cell of what was said about the whole."""
    return clean(" / ".join(one.comment for one in marks.comments), _FEEDBACK)


def _decided(marks: Marks) -> Iterator[str]:
    for name, mark in marks.decided.items():
        said = f"{name}: {number(mark.points)} (graded {number(mark.graded.points)})"
        if mark.by is None:
            said += ", kept by --never-lower"
        elif mark.outdated:
            said += ", handed in again since"
        yield said


def rows_of(store: Store, sprint: str) -> Iterator[Row]:
    """The rows of one sprint's table; those without a sprint are in each."""
    return (row for row in store.rows() if not sprint or row.sprint in ("", sprint))


def write_canvas(store: Store, whole: Summary, assignment: str, file: TextIO, sprint: str) -> None:
    """What Canvas takes under Grades > Import. Who has no grade has an empty cell: no change."""
    canvas = store.noted("layout") == "canvas"
    table = csv.writer(file)
    table.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", cell(assignment)])
    table.writerow(["    Points Possible", "", "", "", "", number(whole.most.get(sprint, 0.0))])
    for row in rows_of(store, sprint):
        who = row.student
        known = [who.number, "", ""] if canvas else ["", who.number, who.email]
        table.writerow(map(cell, [who.name, *known, "", _grade(row)]))


def write_moodle(store: Store, whole: Summary, file: TextIO, sprint: str) -> None:
    """What Moodle takes as a grading worksheet or under Grades > Import > CSV file."""
    moodle = store.noted("layout") == "moodle"
    table = csv.writer(file)
    table.writerow(["Identifier", "Full name", "Email address", "ID number", "Grade",
                    "Maximum Grade", "Feedback comments"])  # fmt: skip
    titles = {item.id: item.title for item in whole.items_of(sprint)}
    for row in rows_of(store, sprint):
        who, marks = row.student, row.marks
        known = (f"Participant {who.number}", "") if moodle and who.number else ("", who.number)
        said = [] if row.status == "graded" else [row.reason_in(whole.language)]
        said += _feedback(row, titles, whole.language)
        most = marks.max_score if marks.known else whole.most.get(sprint, 0.0)
        table.writerow(map(cell, [
            known[0], who.name, who.email, known[1], _grade(row), number(most), "; ".join(said)
        ]))  # fmt: skip


def _feedback(row: Row, titles: Mapping[str, str], language: Language) -> Iterator[str]:
    """What a student reads in Moodle: how each item went, and what people said."""
    for name, mark in row.marks.items.items():
        said = []
        if mark.by is not None:
            said.append(f"{number(mark.points)} / {number(mark.most)} {mark.by.reason}".rstrip())
        elif row.status == "graded" and (mark.graded.status != "skipped" or mark.most):
            said.append(STATUS[mark.graded.status].in_language(language))
        rubric = mark.rubric or Rubric()
        said += [f"{signed(rubric.effect(one))} {one.text(language)}" for one in mark.met]
        said += (
            [f"{signed(mark.adjusted)} {BY_HAND.in_language(language)}"] if mark.adjusted else []
        )
        said += [one.comment for one in mark.comments]
        if said:
            yield f"{titles.get(name, name)}: {', '.join(said)}"
    late = late_said(row.marks.late)
    if late is not None:
        yield late.in_language(language)
    yield from (one.comment for one in row.marks.comments)


def _grade(row: Row) -> str:
    return number(row.marks.score) if row.marks.known else ""
