"""A course of nbgrader: its ``gradebook.db`` and the folder ``submitted``, read and never changed.

Times without a zone are UTC there (nbgrader's documentation of its database); an extension is kept as a time
since 1970.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from graders.errors import UsageError
from graders.messages import M, Message, clean
from graders.times import moment

DATABASE = "gradebook.db"
SUBMITTED = "submitted"
TIMESTAMP = "timestamp.txt"
_TABLES = {
    "assignment", "base_cell", "comment", "grade", "grade_cells", "notebook", "student",
    "submitted_assignment", "submitted_notebook",
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_TIMESTAMP = 200  # bytes


@dataclass(frozen=True)
class Student:
    """Somebody of the course. `id`: nbgrader's own."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Manual:
    """What a person gave to a cell: `points` (with extra credit) of `most`, or said about it."""

    student: str
    notebook: str
    cell: str
    most: float
    points: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Submission:
    """What somebody handed in. `submitted`: when, as `times.kept` has it."""

    student: str
    place: Path
    submitted: str = ""


@dataclass
class Assignment:
    """One assignment. `extensions`: students' own due dates; `lost`: who is in the database without files."""

    name: str
    due: datetime | None = None
    extensions: dict[str, datetime] = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)
    manual: list[Manual] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Course:
    """All of it, and what there is to say of what is left out."""

    students: dict[str, Student]
    assignments: list[Assignment]
    notes: list[Message]


def read_course(folder: Path) -> Course:
    """A course as it lies in its folder.

    Raises:
        UsageError: it is none, or its database can't be read.
    """
    file = folder / DATABASE
    if not file.is_file():
        raise UsageError(
            M("{folder}: no {file} in it; give the folder of an nbgrader course", folder=str(folder),
              file=DATABASE)
        )  # fmt: skip
    notes: list[Message] = []
    try:
        # Another program's file: it can't be written through this connection.
        database = sqlite3.connect(
            f"file:{quote(str(file.resolve()))}?mode=ro", uri=True, timeout=10
        )
        try:
            database.execute("PRAGMA query_only = ON")
            students, found, times = _read(database, file, notes)
        finally:
            database.close()
    except sqlite3.Error as error:
        raise UsageError(
            M("{file}: can't be read ({why}); end nbgrader and formgrader, and see whether it is whole",
              file=str(file), why=str(error))
        ) from error  # fmt: skip
    _with_files(folder / SUBMITTED, found, times, notes)
    for assignment in found.values():
        for one in assignment.submissions:
            students.setdefault(one.student, Student(one.student))
    return Course(students, sorted(found.values(), key=lambda a: a.name), notes)


def _read(
    database: sqlite3.Connection, file: Path, notes: list[Message]
) -> tuple[dict[str, Student], dict[str, Assignment], dict[tuple[str, str], str]]:
    """Students, assignments, and the times of handing in by (assignment, student)."""
    tables = {
        str(n) for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if not tables >= _TABLES:
        raise UsageError(
            M("{file}: no database of nbgrader 0.6 or newer ({missing} is missing); bring a copy of the "
              "course up to date with {command}", file=str(file), missing=min(_TABLES - tables),
              command="nbgrader db upgrade")
        )  # fmt: skip
    students = {
        id_: Student(id_, f"{first} {last}".strip(), email)
        for id_, first, last, email in _texts(
            database, "SELECT id, first_name, last_name, email FROM student ORDER BY id"
        )
    }
    ids: dict[str, Assignment] = {}
    for id_, name, due in _texts(
        database, "SELECT id, name, duedate FROM assignment ORDER BY name"
    ):
        ids[id_] = Assignment(name, _utc(due))
    times: dict[tuple[str, str], str] = {}
    query = "SELECT assignment_id, student_id, timestamp, extension FROM submitted_assignment"
    for id_, student, at, extension in _texts(database, query):
        if (assignment := ids.get(id_)) is None:
            continue
        when, until = _utc(at), _utc(extension)
        times[assignment.name, student] = _kept(when)
        if until is not None and until > _EPOCH and assignment.due is not None:
            assignment.extensions[student] = assignment.due + (until - _EPOCH)
    for manual, id_ in _manual(database, tables):
        if id_ in ids:
            ids[id_].manual.append(manual)
    return students, {one.name: one for one in ids.values()}, times


def _manual(database: sqlite3.Connection, tables: set[str]) -> Iterator[tuple[Manual, str]]:
    """What people gave and said, and the id of the assignment."""
    tasks = "task_cells" in tables  # since 0.6.1
    most = "coalesce(g.max_score, t.max_score)" if tasks else "g.max_score"
    joined = (
        "JOIN submitted_notebook sn ON sn.id = x.notebook_id "
        "JOIN submitted_assignment sa ON sa.id = sn.assignment_id "
        "JOIN base_cell b ON b.id = x.cell_id JOIN notebook n ON n.id = b.notebook_id "
        "LEFT JOIN grade_cells g ON g.id = b.id "
        + ("LEFT JOIN task_cells t ON t.id = b.id " if tasks else "")
    )
    what = f"SELECT sa.assignment_id, sa.student_id, n.name, b.name, {most}"
    order = "ORDER BY sa.student_id, n.name, b.name"
    query = (
        f"{what}, x.manual_score, x.auto_score, x.extra_credit FROM grade x {joined} WHERE x.manual_score "
        f"IS NOT NULL OR coalesce(x.extra_credit, 0) <> 0 {order}"
    )
    for id_, student, notebook, cell, top, given, automatic, extra in database.execute(query):
        points = (_number(given) if given is not None else _number(automatic)) + _number(extra)
        yield Manual(_text(student), _text(notebook), _text(cell), _number(top), points), _text(id_)
    query = (
        f"{what}, x.manual_comment FROM comment x {joined} "
        f"WHERE trim(coalesce(x.manual_comment, '')) <> '' {order}"
    )
    for id_, student, notebook, cell, top, said in database.execute(query):
        one = Manual(_text(student), _text(notebook), _text(cell), _number(top), None, _text(said))
        yield one, _text(id_)


def _with_files(
    folder: Path,
    found: dict[str, Assignment],
    times: dict[tuple[str, str], str],
    notes: list[Message],
) -> None:
    """Add what was handed in, as it lies there; links are not followed."""
    seen: set[tuple[str, str]] = set()
    for student in sorted(folder.iterdir()) if folder.is_dir() else ():
        for place in sorted(student.iterdir()) if _is_folder(student) else ():
            if not _is_folder(place):
                if place.is_symlink():
                    notes.append(
                        M("left out, a link: {place}", place=f"{student.name}/{place.name}")
                    )
                continue
            assignment = found.setdefault(place.name, Assignment(place.name))
            seen.add((place.name, student.name))
            at = _timestamp(place / TIMESTAMP) or times.get((place.name, student.name), "")
            assignment.submissions.append(Submission(student.name, place, at))
        if student.is_symlink():
            notes.append(M("left out, a link: {place}", place=student.name))
    for name, student_id in sorted(times.keys() - seen):
        found[name].lost.append(student_id)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")


def _timestamp(file: Path) -> str:
    """What nbgrader noted beside the files when it took them."""
    if file.is_symlink() or not file.is_file():
        return ""
    with file.open("rb") as opened:
        return _kept(_utc(opened.read(_MOST_TIMESTAMP).decode("utf-8", "replace")))


def _utc(text: str) -> datetime | None:
    """A time of nbgrader's; None for none."""
    found = moment(text)
    return None if found is None else found.begin(UTC).astimezone(UTC)


def _kept(when: datetime | None) -> str:
    return "" if when is None else when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _texts(database: sqlite3.Connection, query: str) -> Iterator[list[str]]:
    for row in database.execute(query):
        yield [_text(value) for value in row]


def _text(value: Any) -> str:
    """A value as one line; a store of another program may have anything in it."""
    return "" if value is None else clean(str(value), 4_000)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0
