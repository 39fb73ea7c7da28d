"""A gradebook that somebody edited in a spreadsheet, read for what they changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from graders.batch.outputs.gradebook import AS_OF, COLUMNS, COMMENT, comments, number, points
from graders.batch.people import Table, read_table
from graders.batch.store import Row, Store
from graders.course.marking import MOST_TEXT, Wish, decision
from graders.course.opening import student
from graders.errors import UsageError
from graders.ledger.model import Decision
from graders.messages import M, Message, clean

_WHO = ("id", "number", "email", "name")


@dataclass(frozen=True)
class Change:
    """One cell that says something else than the mark that counts."""

    row: Row
    decision: Decision
    before: str


def changes(store: Store, file: Path, by: str, reason: str) -> tuple[list[Change], list[Message]]:
    """What the table changes, and what of it is left out.

    A gradebook says what its cells were (its column `as_of`): what has changed since without it, since
    something else was handed in, say, is nobody's edit. A table of one's own means each of its cells.

    Raises:
        UsageError: it can't be read, or a line of it can't be decided; nothing of it counts then.
    """
    table = _table(file)
    rows = {row.id: row for row in store.rows()}
    items = {name for row in rows.values() for name in row.marks.items}
    known = {*COLUMNS, *items}
    left = [
        M("no item of this class, left out: column {name}", name=n)
        for n in table.names if n not in known
    ]  # fmt: skip
    found: list[Change] = []
    for line, row in table.rows:
        cells = {name: text.strip().removeprefix("'") for name, text in row.items()}
        given = next((cells[name] for name in _WHO if cells.get(name)), "")
        wanted = {n: t for n, t in cells.items() if t and (n in items or n == COMMENT)}
        if not wanted:
            continue
        try:
            now = rows.get(given) or student(store, given)
            told = cells.get(AS_OF, "") or now.as_of
            then = now if told == now.as_of else store.row_as_of(now, told)
            if then is None:
                left.append(M("{file}, line {line}: of a grading that is not this class's, left out: {id}",
                              file=str(file), line=line, id=now.id))  # fmt: skip
                continue
            found += list(_changes_of(store, now, then, wanted, Wish(reason=reason), by))
        except UsageError as error:
            raise UsageError(
                M("{file}, line {line}: {why}", file=str(file), line=line, why=error.said)
            ) from error
    return found, left


def _changes_of(
    store: Store, now: Row, then: Row, wanted: dict[str, str], wish: Wish, by: str
) -> Iterator[Change]:
    """Cells that are neither what they were nor what they would be now."""
    for name, text in wanted.items():
        if name == COMMENT:
            before = comments(now.marks)
            if clean(text, MOST_TEXT) not in (before, comments(then.marks)):
                yield Change(now, decision(store, now, Wish("", comment=text), by), before)
            continue
        value = _points(name, text)
        before = points(now.marks, name)
        if number(value) not in (before, points(then.marks, name)):
            asked = replace(wish, item=name, points=value)
            yield Change(now, decision(store, now, asked, by), before)


def _points(item: str, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise UsageError(M("{item}: {text} is no number of points", item=item, text=text)) from None


def _table(file: Path) -> Table:
    try:
        table = read_table(file)
    except UnicodeDecodeError as error:
        raise UsageError(M('{file}: not UTF-8; save it as "CSV UTF-8"', file=str(file))) from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(M("{file}: can't be read: {why}", file=str(file), why=why)) from error
    if not set(_WHO) & set(table.names):
        raise UsageError(
            M("{file}, line 1: no column id, number, email or name: whose are the points?",
              file=str(file))
        )  # fmt: skip
    return table
