"""A gradebook that somebody edited in a spreadsheet, read for what they changed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graders.batch.outputs.gradebook import number
from graders.batch.store import Row, Store
from graders.course.marking import Wish, decision
from graders.course.opening import student
from graders.errors import UsageError
from graders.ledger.model import Decision
from graders.messages import M

_WHO = ("id", "number", "email", "name")
_OURS = frozenset(
    "id name number email submission status sprint score max_score percent seconds reason late "
    "attempt decided waits_for_a_person published".split()
)
_COMMENT = "comment"


@dataclass(frozen=True)
class Change:
    """One cell that says something else than the mark that counts."""

    row: Row
    decision: Decision
    before: str


def changes(store: Store, file: Path, by: str, reason: str) -> tuple[list[Change], list[str]]:
    """What the table changes, and the columns that it has besides.

    Raises:
        UsageError: it can't be read, or a line of it can't be decided; nothing of it counts then.
    """
    lines, names = _table(file)
    items = {name for row in store.rows() for name in row.marks.items}
    left = [n for n in names if n not in _OURS and n != _COMMENT and n not in items]
    found = []
    for line, cells in lines:
        try:
            found += list(_changes_of(store, cells, items, by, reason))
        except UsageError as error:
            raise UsageError(
                M("{file}, line {line}: {why}", file=str(file), line=line, why=error.said)
            ) from error
    return found, left


def _changes_of(
    store: Store, cells: dict[str, str], items: set[str], by: str, reason: str
) -> Iterator[Change]:
    given = next((cells[name] for name in _WHO if cells.get(name)), "")
    wanted = {n: t for n, t in cells.items() if t and (n in items or n == _COMMENT)}
    if not wanted:
        return
    row = student(store, given)
    for name, text in wanted.items():
        if name == _COMMENT:
            before = " / ".join(one.comment for one in row.marks.comments)
            if text != before:
                yield Change(row, decision(store, row, Wish("", comment=text), by), before)
            continue
        mark = row.marks.items.get(name)
        before = number(mark.points) if mark and mark.most and not mark.waits else ""
        points = _points(name, text)
        if before == number(points):
            continue
        yield Change(row, decision(store, row, Wish(name, points, reason=reason), by), before)


def _points(item: str, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UsageError(M("{item}: {text} is no number of points", item=item, text=text)) from None


def _table(file: Path) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            M("{file}: can't be read: {why}", file=str(file), why=error.strerror or str(error))
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(M('{file}: not UTF-8; save it as "CSV UTF-8"', file=str(file))) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.DictReader(text.splitlines(), delimiter=separator)
    names = [(name or "").strip() for name in rows.fieldnames or ()]
    if not set(_WHO) & set(names):
        raise UsageError(
            M("{file}, line 1: no column id, number, email or name: whose are the points?",
              file=str(file))
        )  # fmt: skip
    found = []
    for row in rows:
        cells = {
            (name or "").strip(): (value or "").strip().removeprefix("'")
            for name, value in row.items() if not isinstance(value, list)
        }  # fmt: skip
        found.append((rows.line_num, cells))
    return found, names
