"""Tables for spreadsheets and learning systems. No cell of them is ever a formula."""

from __future__ import annotations

import csv
from typing import TextIO

from graders.batch.outputs.summary import Summary
from graders.batch.store import Row, Store
from graders.messages import clean
from graders.report.words import STATUS

# What a spreadsheet takes for the beginning of a formula, in full width as well.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FEEDBACK = 4_000


def cell(value: object) -> object:
    """A value for a cell: text that a spreadsheet would take for a formula gets an apostrophe."""
    if not isinstance(value, str):
        return value
    text = clean(value, _FEEDBACK)
    return "'" + text if text.startswith(_FORMULA) else text


def number(value: float) -> str:
    """Points without trailing zeros."""
    return f"{value:g}"


def write_gradebook(store: Store, whole: Summary, file: TextIO) -> None:
    """One row a submission, one column an item."""
    table = csv.writer(file)
    ids = [item.id for item in whole.items]
    table.writerow(["id", "name", "number", "email", "submission", "status", "sprint", "score",
                    "max_score", "percent", *ids, "seconds", "reason"])  # fmt: skip
    for row in store.rows():
        points = {i: _points(p, most) for i, _, p, most in row.summary.get("items", ())}
        graded = row.status == "graded"
        scores = [number(row.score), number(row.max_score), f"{100 * row.share:.1f}"]
        who = row.student
        table.writerow(map(cell, [
            row.id, who.name, who.number, who.email, row.shown, row.status, row.sprint,
            *(scores if graded else ["", "", ""]), *(points.get(i, "") for i in ids),
            f"{row.seconds:.2f}", row.reason_in(whole.language),
        ]))  # fmt: skip


def _points(points: float, most: float) -> str:
    return number(points) if most else ""  # nothing for what does not count


def write_canvas(store: Store, whole: Summary, assignment: str, file: TextIO) -> None:
    """What Canvas takes under Grades > Import. Who has no grade has an empty cell: no change."""
    canvas = store.noted("layout") == "canvas"
    table = csv.writer(file)
    table.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", cell(assignment)])
    table.writerow(["    Points Possible", "", "", "", "", number(whole.most)])
    for row in store.rows():
        who = row.student
        known = [who.number, "", ""] if canvas else ["", who.number, who.email]
        table.writerow(map(cell, [who.name, *known, "", _grade(row)]))


def write_moodle(store: Store, whole: Summary, file: TextIO) -> None:
    """What Moodle takes as a grading worksheet or under Grades > Import > CSV file."""
    moodle = store.noted("layout") == "moodle"
    table = csv.writer(file)
    table.writerow(["Identifier", "Full name", "Email address", "ID number", "Grade",
                    "Maximum Grade", "Feedback comments"])  # fmt: skip
    titles = {item.id: item.title for item in whole.items}
    for row in store.rows():
        who = row.student
        known = (f"Participant {who.number}", "") if moodle and who.number else ("", who.number)
        feedback = "; ".join(
            f"{titles.get(i, i)}: {STATUS[s].in_language(whole.language)}"
            for i, s, _, most in row.summary.get("items", ()) if s != "skipped" or most
        )  # fmt: skip
        table.writerow(map(cell, [
            known[0], who.name, who.email, known[1], _grade(row), number(whole.most),
            feedback if row.status == "graded" else row.reason_in(whole.language),
        ]))  # fmt: skip


def _grade(row: Row) -> str:
    return number(row.score) if row.status == "graded" else ""
