"""A moved assignment as a class: a manifest, a roster, and a store with its decisions; whole or not at all."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from pathlib import Path

from graders.batch.outputs.files import new
from graders.batch.outputs.gradebook import cell
from graders.batch.store import Store
from graders.errors import GraderError, UsageError
from graders.messages import M
from graders.moving.nbgrader import Course, Student
from graders.moving.plan import Moved

CLASS, ROSTER, RESULTS = "class.csv", "roster.csv", "results"


def must_be_free(out: Path, moved: list[Moved]) -> None:
    """Raises UsageError if there is something where a class would go."""
    for one in moved:
        if (out / one.folder).exists() or (out / one.folder).is_symlink():
            raise UsageError(
                M("{place} is there already, and nothing of it is overwritten; give another folder with --out",
                  place=str(out / one.folder))
            )  # fmt: skip


def write(course: Course, moved: Moved, out: Path) -> Path:
    """Write a class; its folder.

    Raises:
        GraderError: it can't be written; nothing of it is there then.
    """
    place = out / moved.folder
    try:
        out.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{moved.folder}-", dir=out))
        try:
            made.chmod(0o755)
            _tables(course, moved, made)
            results = made / RESULTS
            results.mkdir()
            store = Store(results)
            try:
                store.ledger.add(moved.decisions)
            finally:
                store.close()
            os.rename(made, place)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise GraderError(f"{place}: can't be written ({error.strerror or error})") from error
    return place


def _tables(course: Course, moved: Moved, folder: Path) -> None:
    """The manifest, and the roster of all: who handed in nothing has a row, too."""
    with new(folder / CLASS) as file:
        table = csv.writer(file)
        table.writerow(["path", "id", "name", "email", "submitted"])
        for one in moved.assignment.submissions:
            who = course.students.get(one.student, Student(one.student))
            table.writerow(
                [one.place.resolve(), one.student, cell(who.name), cell(who.email), one.submitted]
            )
    with new(folder / ROSTER) as file:
        table = csv.writer(file)
        table.writerow(["id", "name", "email"])
        for who in course.students.values():
            table.writerow([who.id, cell(who.name or who.id), cell(who.email)])
