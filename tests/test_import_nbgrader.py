"""Moving in from nbgrader: what would move is shown, nothing of the course is changed, a class can go on with it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.batch.store import Store
from graders.errors import GraderError, UsageError
from graders.grading import Request, sprints_for
from graders.ledger.ledger import Ledger
from graders.moving.nbgrader import Course, read_course
from graders.moving.plan import items_for, planned, said
from graders.moving.writing import must_be_free, write
from tests import warm
from tests.batch_class import RIGHT, WRONG
from tests.test_course import table

# The tables of nbgrader 0.6 to 0.9, as its documentation of the database describes them.
SCHEMA = """
CREATE TABLE course (id VARCHAR(128) PRIMARY KEY NOT NULL);
CREATE TABLE student (id VARCHAR(128) PRIMARY KEY NOT NULL, first_name VARCHAR(128),
    last_name VARCHAR(128), email VARCHAR(128), lms_user_id VARCHAR(128));
CREATE TABLE assignment (id VARCHAR(32) PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL UNIQUE,
    duedate DATETIME, course_id VARCHAR(128) NOT NULL);
CREATE TABLE notebook (id VARCHAR(32) PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL,
    assignment_id VARCHAR(32), kernelspec VARCHAR(1024));
CREATE TABLE base_cell (id VARCHAR(32) PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL,
    notebook_id VARCHAR(32) NOT NULL, type VARCHAR(50));
CREATE TABLE grade_cells (id VARCHAR(32) PRIMARY KEY NOT NULL, max_score FLOAT NOT NULL,
    cell_type VARCHAR(8) NOT NULL);
CREATE TABLE task_cells (id VARCHAR(32) PRIMARY KEY NOT NULL, max_score FLOAT NOT NULL,
    cell_type VARCHAR(8) NOT NULL);
CREATE TABLE submitted_assignment (id VARCHAR(32) PRIMARY KEY NOT NULL, assignment_id VARCHAR(32),
    student_id VARCHAR(128), timestamp DATETIME, extension DATETIME);
CREATE TABLE submitted_notebook (id VARCHAR(32) PRIMARY KEY NOT NULL, assignment_id VARCHAR(32),
    notebook_id VARCHAR(32), flagged BOOLEAN, late_submission_penalty FLOAT);
CREATE TABLE grade (id VARCHAR(32) PRIMARY KEY NOT NULL, notebook_id VARCHAR(32), cell_id VARCHAR(32),
    auto_score FLOAT, manual_score FLOAT, extra_credit FLOAT, needs_manual_grade BOOLEAN NOT NULL);
CREATE TABLE comment (id VARCHAR(32) PRIMARY KEY NOT NULL, notebook_id VARCHAR(32), cell_id VARCHAR(32),
    auto_comment TEXT, manual_comment TEXT);
"""
ROWS = """
INSERT INTO course VALUES ('c');
INSERT INTO student VALUES ('aiko', 'Aiko', 'Sato', 'aiko@e.org', NULL), ('ben', 'Ben', NULL, 'ben@e.org', NULL),
    ('chie', NULL, NULL, NULL, NULL);
INSERT INTO assignment VALUES ('a1', 'sprint1', '2026-12-01 14:59:59.000000', 'c'), ('a2', 'later', NULL, 'c');
INSERT INTO notebook VALUES ('n1', 'work', 'a1', NULL);
INSERT INTO base_cell VALUES ('b1', 'conv1d_out_size', 'n1', 'GradeCell'), ('b2', 'essay', 'n1', 'GradeCell'),
    ('b2s', 'essay', 'n1', 'SolutionCell'), ('b3', 'task', 'n1', 'TaskCell');
INSERT INTO grade_cells VALUES ('b1', 4, 'code'), ('b2', 5, 'markdown');
INSERT INTO task_cells VALUES ('b3', 3, 'markdown');
INSERT INTO submitted_assignment VALUES ('s1', 'a1', 'aiko', '2026-12-01 10:00:00.000000', NULL),
    ('s2', 'a1', 'ben', '2026-12-02 15:30:00.000000', '1970-01-02 00:00:00.000000');
INSERT INTO submitted_notebook VALUES ('sn1', 's1', 'n1', 0, 0), ('sn2', 's2', 'n1', 0, 1.5);
INSERT INTO grade VALUES ('g1', 'sn1', 'b1', 4, NULL, NULL, 0), ('g2', 'sn1', 'b2', NULL, NULL, NULL, 1),
    ('g3', 'sn1', 'b3', NULL, 3, NULL, 0), ('g4', 'sn2', 'b1', 0, 2, NULL, 0),
    ('g5', 'sn2', 'b2', NULL, 3.5, 0.5, 0), ('g6', 'sn2', 'b3', NULL, NULL, NULL, 1);
INSERT INTO comment VALUES ('k1', 'sn2', 'b2s', 'No response.', 'Well
argued.'), ('k2', 'sn1', 'b2s', 'automatic', NULL), ('k3', 'sn1', 'b1', NULL, '  ');
"""


def course(folder: Path, more: str = "") -> Path:
    """A course in which Ben was marked by a person, and Chie handed in nothing."""
    for name, text in (("aiko", RIGHT), ("ben", WRONG)):
        place = folder / "submitted" / name / "sprint1"
        place.mkdir(parents=True)
        (place / "work.py").write_text(text)
    (folder / "submitted" / "aiko" / "sprint1" / "timestamp.txt").write_text(
        "2026-12-01 11:00:00.5 UTC"
    )
    (folder / "release").mkdir()
    with sqlite3.connect(folder / "gradebook.db") as database:
        database.executescript(SCHEMA + ROWS + more)
    database.close()
    return folder


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`scratchgrade import nbgrader`, in English."""
    line = [
        sys.executable,
        "-m",
        "graders.cli",
        "import",
        "nbgrader",
        *map(str, arguments),
        "--lang",
        "en",
    ]
    return warm.run(line)


def ours(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Another command of ours."""
    return warm.run([sys.executable, "-m", "graders.cli", *map(str, arguments), "--lang", "en"])


def state(folder: Path) -> dict[str, str]:
    """All that lies in a folder, by its content."""
    return {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        if f.is_file()
        else ""
        for f in sorted(folder.rglob("*"))
    }


def plan(folder: Path, *mapped: str, sprint: str = "cnn1") -> tuple[Course, Any]:
    """What is read, and what would be moved."""
    found = read_course(folder)
    items = items_for(found, mapped, sprints_for(Request(folder)), sprint)
    return found, planned(found, items, "kenta")


# -- shown, then written ---------------------------------------------------------------------------


def test_what_would_move_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    folder, out = course(tmp_path / "course"), tmp_path / "out"
    before = state(folder)
    done = command(folder, "--out", out, "--sprint", "cnn1")
    assert done.returncode == 1, done.stderr
    for line in (
        "3 students, 1 assignments",
        "sprint1: due 2026-12-01 14:59 UTC; 2 submissions, 2 of them with a time; 1 handed in nothing",
        "dates of their own: ben", "by people: 1 marks of items, 2 points of cells", "1 comments",
        "cells and their items: conv1d_out_size -> conv1d_out_size", "cells without an item: essay, task",
        "left out, nothing was handed in: later", "nothing is written yet: --apply writes it to",
    ):  # fmt: skip
        assert line in done.stdout, line
    assert not out.exists() and state(folder) == before


def test_a_class_goes_on_with_what_was_moved(tmp_path: Path) -> None:
    folder, out = course(tmp_path / "course"), tmp_path / "out"
    before = state(folder)
    done = command(folder, "--out", out, "--sprint", "cnn1", "--apply", "--by", "kenta")
    assert done.returncode == 0, done.stderr
    grade = done.stdout.splitlines()[-1].split()
    assert grade[:2] == ["scratchgrade", "batch"] and grade[-2:] == ["--sprint", "cnn1"]
    done = ours(*grade[1:], "--workers", 1)
    assert done.returncode == 1, done.stderr
    results = out / "sprint1" / "results"
    rows = table(results / "gradebook.csv")
    told = {r["number"]: [r[k] for k in ("name", "email", "score", "submitted", "days_late", "decided")]
            for r in rows.values()}  # fmt: skip
    assert told == {
        "aiko": ["Aiko Sato", "aiko@e.org", "2", "2026-12-01 11:00 UTC", "0", ""],
        "ben": [
            "Ben",
            "ben@e.org",
            "1",
            "2026-12-02 15:30 UTC",
            "1",
            "conv1d_out_size: 1 (graded 0)",
        ],
        "chie": ["chie", "", "", "", "", ""],
    }
    why = ours("why", results, "ben").stdout
    for line in ("due 2026-12-02 14:59 UTC (a date of their own)", "kenta: conv1d_out_size: 1 points",
                 "Reason: nbgrader: work/conv1d_out_size: 2 / 4", "Comment: work/essay: 4 / 5",
                 "Comment: work/essay: Well argued."):  # fmt: skip
        assert line in why, line
    assert "Well argued." in (results / "pages" / "ben.html").read_text("utf-8")
    assert ours("mark", results, "ben", "conv1d_out_size", "--back").returncode == 0
    assert ours("late", results, "--per-day", 10, "--apply").returncode == 0
    assert table(results / "gradebook.csv")["aiko"]["score"] == "2"
    assert state(folder) == before, "the course is as it was"
    again = command(folder, "--out", out, "--apply")
    assert (
        again.returncode == 2
        and "is there already, and nothing of it is overwritten" in again.stderr
    )


def test_cells_are_items_where_it_is_said(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    found, (moved,) = plan(folder, "essay=model_survey", "task=model_survey", sprint="cnn2")
    told = {(d.who.number, d.kind, d.item): d.points for d in moved.decisions if d.item}
    assert told == {
        ("", "worth", "model_survey"): 8, ("ben", "points", "model_survey"): 4,
        ("aiko", "points", "model_survey"): 3, ("ben", "comment", "model_survey"): None,
    }  # fmt: skip
    assert {d.sprint for d in moved.decisions if d.item} == {"cnn2"}
    assert [d.comment for d in moved.decisions if d.kind == "comment"] == [
        "work/conv1d_out_size: 2 / 4", "Well argued.",
    ]  # fmt: skip
    _, (moved,) = plan(folder, "task=conv1d_out_size")
    points = {d.who.number: (d.points, d.reason) for d in moved.decisions if d.kind == "points"}
    assert points == {
        "aiko": (2, "nbgrader: work/task: 3 / 3"), "ben": (1, "nbgrader: work/conv1d_out_size: 2 / 4"),
    }  # fmt: skip
    assert any("cells and their items: conv1d_out_size" in str(s) for s in said(found, [moved]))


def test_more_than_all_points_is_all_of_them(tmp_path: Path) -> None:
    more = "UPDATE grade SET extra_credit = 9 WHERE id = 'g4';"
    _, (moved,) = plan(course(tmp_path / "course", more))
    assert [d.points for d in moved.decisions if d.kind == "points"] == [2]


def test_times_and_extensions_are_utc(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    (folder / "submitted" / "ben" / "sprint1" / "timestamp.txt").write_text(
        "2026-12-03 08:00:00 +0900"
    )
    (_, one) = read_course(folder).assignments
    assert one.name == "sprint1" and one.due is not None
    assert {s.student: s.submitted for s in one.submissions} == {
        "aiko": "2026-12-01T11:00:00Z", "ben": "2026-12-02T23:00:00Z",
    }  # fmt: skip
    assert (one.extensions["ben"] - one.due).days == 1
    (folder / "submitted" / "ben" / "sprint1" / "timestamp.txt").write_text("yesterday")
    (_, one) = read_course(folder).assignments
    assert one.submissions[1].submitted == "2026-12-02T15:30:00Z", "the database says it, too"


def test_what_is_in_the_folder_alone_or_in_the_database_alone(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    (folder / "submitted" / "dai" / "extra").mkdir(parents=True)
    (folder / "submitted" / "dai" / "extra" / "a.py").write_text(RIGHT)
    (folder / "submitted" / "eve").symlink_to(tmp_path)
    (folder / "submitted" / "dai" / "sprint1").symlink_to(tmp_path)
    for file in (folder / "submitted" / "ben" / "sprint1").iterdir():
        file.unlink()
    (folder / "submitted" / "ben" / "sprint1").rmdir()
    found, moved = plan(folder)
    assert [one.folder for one in moved] == ["extra", "sprint1"] and "dai" in found.students
    text = "\n".join(map(str, said(found, moved)))
    assert "in the gradebook, but their files are not there: ben" in text
    assert "left out, a link: dai/sprint1" in text and "left out, a link: eve" in text


def test_a_database_without_tasks_is_read(tmp_path: Path) -> None:
    """They came later than the other tables."""
    _, (moved,) = plan(course(tmp_path / "course", "DROP TABLE task_cells;"))
    assert moved.marks == 1


def test_a_course_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    (folder / "gradebook.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        assert len(read_course(folder).students) == 3
    finally:
        folder.chmod(0o755)


# -- what can't be moved ---------------------------------------------------------------------------


def _old(folder: Path) -> None:
    with sqlite3.connect(folder / "gradebook.db") as database:
        database.execute("DROP TABLE base_cell")
    database.close()


def _damaged(folder: Path) -> None:
    raw = bytearray((folder / "gradebook.db").read_bytes())
    raw[100:6000] = b"\xff" * 5900
    (folder / "gradebook.db").write_bytes(raw)


WRONG_COURSES: dict[str, tuple[Callable[[Path], object], str]] = {
    "none": (lambda f: (f / "gradebook.db").unlink(), "no gradebook.db in it; give the folder"),
    "old": (_old, "no database of nbgrader 0.6 or newer .base_cell is missing"),
    "damaged": (_damaged, "can't be read .*see whether it is whole"),
    "text": (
        lambda f: (f / "gradebook.db").write_text("hello" * 999),
        "can't be read .*not a database",
    ),
}


@pytest.mark.parametrize("name", WRONG_COURSES)
def test_what_is_no_course_is_one_sentence(tmp_path: Path, name: str) -> None:
    spoil, words = WRONG_COURSES[name]
    folder = course(tmp_path / "course")
    spoil(folder)
    with pytest.raises(UsageError, match=words):
        read_course(folder)


def test_a_database_that_is_held_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = course(tmp_path / "course")
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *given, **more: connect(*given, **{**more, "timeout": 0.05})
    )
    holder = connect(folder / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UsageError, match=r"database is locked.*end nbgrader"):
        read_course(folder)
    holder.close()


def test_bad_options_are_one_sentence(tmp_path: Path) -> None:
    folder, out = course(tmp_path / "course"), tmp_path / "out"
    for more, words in (
        (("--map", "essai=model_survey"), "nobody gave points to a cell essai"),
        (("--map", "essay=model_surveyy"), "no item model_surveyy; did you mean model_survey"),
        (("--assignment", "sprint"), "none of this name; did you mean sprint1"),
        (("--assignment", "later"), "nothing was handed in there"),
        (("--sprint", "nowhere"), "nowhere"),
    ):  # fmt: skip
        done = command(folder, "--out", out, *more)
        assert done.returncode == 2 and words in done.stderr, (more, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1
    assert not out.exists()


def test_a_class_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, (moved,) = plan(course(tmp_path / "course"))

    def breaks(ledger: Ledger, decisions: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "add", breaks)
        with pytest.raises(KeyboardInterrupt):
            write(found, moved, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    write(found, moved, tmp_path / "out")
    store = Store(tmp_path / "out" / "sprint1" / "results")
    assert len(store.ledger.decisions()) == len(moved.decisions) and store.is_empty()
    store.close()
    with pytest.raises(UsageError, match="is there already"):
        must_be_free(tmp_path / "out", [moved])
    (tmp_path / "file").write_text("")
    with pytest.raises(GraderError, match="can't be written"):
        write(found, moved, tmp_path / "file")


def test_what_a_database_says_is_text(tmp_path: Path) -> None:
    more = (
        "INSERT INTO student VALUES ('=cmd()', '=2+5', '\x1b[31m', '@x', NULL);"
        "INSERT INTO submitted_assignment VALUES ('s9', 'a1', '../../etc', 'x', 'y');"
        "UPDATE grade SET manual_score = 'NaN', extra_credit = 'lots' WHERE id = 'g5';"
    )
    folder = course(tmp_path / "course", more)
    found, (moved,) = plan(folder)
    assert found.students["=cmd()"].name == "=2+5 [31m" and "../../etc" in moved.assignment.lost
    place = write(found, moved, tmp_path / "out")
    assert "'=2+5" in (place / "roster.csv").read_text()
    assert json.dumps([d.points for d in moved.decisions]), "no number that is none"
