"""A class's roster beside its submissions: whole names, e-mails, who is late, who handed in nothing.

Names of files say little (Canvas writes ``doejane``). What the learning system exports says more: Canvas's
gradebook, Moodle's grading worksheet, Gradescope's roster, or a table of one's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graders import times
from graders.batch.discover import slug
from graders.batch.model import Found, Handed, Student
from graders.batch.people import SUBMITTED, is_late, read_table
from graders.errors import UsageError
from graders.messages import M, clean

# By what columns are called, without regard to case; the first that is there counts.
_NUMBER = ("identifier", "id", "sid", "student id", "number", "id number")
_NAME = ("student", "full name", "name", "student name")
_EMAIL = ("email address", "email", "e-mail", "sis login id")
_NOBODYS = re.compile(r"\s*(?:points possible|student, test)\b.*", re.IGNORECASE)
_LATE = re.compile(r"\blate\b|遅延", re.IGNORECASE)
_NAMED = 8


@dataclass(frozen=True)
class Enrolment:
    """One line of a roster."""

    student: Student
    late: bool
    submitted: str = ""  # when, as `times.kept` has it


def with_roster(found: Found, file: Path) -> Found:
    """The class with what the roster knows of its students; those who handed in nothing are rows, too.

    Raises:
        UsageError: the file can't be read, or says of nobody who they are.
    """
    enrolled, unread = read_roster(file)
    by = {key: one for one in enrolled for key in _keys(one.student)}
    often = Counter(_name(one.student) for one in enrolled)
    by |= {n: one for one in enrolled if often[n := _name(one.student)] == 1}
    seen: set[int] = set()
    handed, strangers = [], []
    for one in found.handed:
        entry = next((by[key] for key in _keys(one.student) if key in by), None)
        if entry is None:
            strangers.append(one.id)
            handed.append(one)
            continue
        seen.add(id(entry))
        who, known = one.student, entry.student
        student = Student(known.name or who.name, who.number or known.number,
                          who.email or known.email)  # fmt: skip
        handed.append(
            replace(one, student=student, late=one.late or entry.late,
                    submitted=entry.submitted or one.submitted)
        )  # fmt: skip
    taken = {one.id.casefold() for one in handed}
    for entry in enrolled:
        if id(entry) not in seen:
            handed.append(_absent(entry.student, taken))
    notes = [*found.notes, *unread]
    if strangers:
        more = f", ... ({len(strangers)})" if len(strangers) > _NAMED else ""
        notes.append(f"not in {file.name}: {', '.join(strangers[:_NAMED])}{more}")
    return Found(tuple(sorted(handed, key=lambda h: h.id)), found.layout, tuple(notes))


def read_roster(file: Path) -> tuple[list[Enrolment], list[str]]:
    """The lines of a roster, and what there is to say of times that are not understood.

    Raises:
        UsageError: it can't be read as UTF-8, or has no column that says who is meant.
    """
    try:
        table = read_table(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"--roster {file}: can't be read as UTF-8 ({error})") from error
    columns = {name.casefold(): name for name in table.names}
    if not columns.keys() & {*_NUMBER, *_NAME, *_EMAIL, "first name"}:
        raise UsageError(
            f"--roster {file}, line 1: no column Student, Full name, ID, Identifier or Email address; "
            "export the gradebook (Canvas) or the grading worksheet (Moodle)"
        )
    found, notes = [], []
    for line, row in table.rows:
        cells = {key: clean(row[name], 200) for key, name in columns.items()}
        student = _student(cells)
        if (student.name or student.number or student.email) and not _NOBODYS.match(student.name):
            late = bool(_LATE.search(cells.get("status", ""))) or is_late(cells.get("late", ""))
            told = next((cells[name] for name in SUBMITTED if cells.get(name)), "")
            submitted = times.kept(told)
            if not submitted and any(c.isdigit() for c in told):  # Moodle has a dash for never
                notes.append(f"{file.name}, line {line}: no time that is understood: {told}")
            found.append(Enrolment(student, late, submitted))
    return found, notes


def _student(cells: Mapping[str, str]) -> Student:
    def first(names: tuple[str, ...]) -> str:
        return next((cells[name] for name in names if cells.get(name)), "")

    name = first(_NAME) or f"{cells.get('first name', '')} {cells.get('last name', '')}".strip()
    email = first(_EMAIL)
    # Moodle's identifier is "Participant 12", in any language; its files have the number alone.
    number = (
        re.sub(r"^\D+(?=\d+$)", "", first(_NUMBER)) if "identifier" in cells else first(_NUMBER)
    )
    return Student(name, number, email if "@" in email else "")


def _keys(student: Student) -> list[tuple[str, str]]:
    """What a student is looked for by: the name only where there is nothing surer."""
    found = [("number", student.number), ("email", student.email)]
    return [(kind, text.casefold()) for kind, text in found if text] or [_name(student)]


def _name(student: Student) -> tuple[str, str]:
    return "name", " ".join(student.name.casefold().split())


def _absent(student: Student, taken: set[str]) -> Handed:
    label = slug("_".join(filter(None, [student.name or student.email, student.number])))
    name, number = label, 1
    while name.casefold() in taken:
        number += 1
        name = f"{label}-{number}"
    taken.add(name.casefold())
    return Handed(name, "", student, refused=M("nothing was handed in"))
