"""The ledger: decisions are added, never changed or lost, and the marks that come of them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders import commands
from graders.batch import run
from graders.batch.model import Handed, Student
from graders.batch.outputs.gradebook import write_gradebook
from graders.batch.outputs.summary import ItemCount, Summary
from graders.batch.store import FILE, REPORTS, VERSION, Enrolled, Result, Store
from graders.course.edited import changes
from graders.course.history import history
from graders.course.marking import Wish, decision, undo, worth
from graders.course.opening import store_of, student
from graders.errors import GraderError, UsageError
from graders.grading import Request
from graders.ledger import database
from graders.ledger.marks import Marking
from graders.ledger.model import Decision, Graded, Marks, Who
from graders.ledger.schema import STEPS
from graders.report.gradescope import results

ROOT = Path(__file__).resolve().parent.parent
ANN = Who("ann_1", "1", "ann@example.org")
ITEMS = [
    Graded("conv1d", "partial", 6, 10), Graded("relu", "passed", 4, 4),
    Graded("bonus", "passed", 2, 2, required=False), Graded("survey", "manual", 0, 0, required=False),
]  # fmt: skip


def said(kind: Any, points: float | None = None, item: str = "conv1d", **more: Any) -> Decision:
    """A decision about Ann's work."""
    given = {"number": 1, "at": "", "by": "kenta", "who": ANN, "sprint": "cnn1", "files": "f1"}
    return Decision(**{**given, "item": item, "kind": kind, "points": points, **more})


def marks(*decisions: Decision, who: Who = ANN, files: str = "f1", items: Any = ITEMS) -> Marks:
    """Ann's marks under these decisions, which are numbered in their order."""
    numbered = [replace(one, number=n) for n, one in enumerate(decisions, 1)]
    return Marking(numbered).marks(who, "cnn1", items, 14, 10, files)


# -- which mark counts -----------------------------------------------------------------------------


def test_without_decisions_the_grading_counts() -> None:
    found = marks()
    assert (found.score, found.max_score, found.decided, found.waiting) == (10, 14, {}, [])
    assert not found.spoken


def test_the_last_decision_stands_whatever_is_graded_afterwards() -> None:
    two = (said("points", 8), said("points", 9, reason="read again"))
    assert marks(*two).score == 13
    again = [replace(ITEMS[0], points=0.0, status="failed"), *ITEMS[1:]]
    found = Marking(two).marks(ANN, "cnn1", again, 14, 4, "f2")
    assert (found.score, found.items["conv1d"].points, found.outdated) == (13, 9, ["conv1d"])
    assert marks(*two, said("back")).score == 10
    assert marks(said("back"), said("points", 7)).score == 11


def test_optional_items_and_those_without_points_add_nothing_until_they_are_given_some() -> None:
    assert marks(said("points", 1, "bonus")).score == 10
    given = marks(said("worth", 5, "survey", who=Who("")))
    assert (given.score, given.max_score, given.waiting) == (10, 15 + 4, ["survey"])
    done = marks(said("worth", 5, "survey", who=Who("")), said("points", 3, "survey"))
    assert (done.score, done.max_score, done.waiting) == (13, 19, [])
    other = marks(said("worth", 5, "survey", who=Who(""), sprint="cnn2"))
    assert (other.max_score, other.waiting) == (14, [])
    over = marks(said("worth", 5, who=Who("")))
    assert over.max_score == 14, "what has points by its spec keeps them"


def test_a_floor_belongs_to_the_files_that_it_was_made_for() -> None:
    floor = said("floor", 8)
    assert marks(floor).items["conv1d"].points == 8
    assert marks(floor).items["conv1d"].changed and marks(floor).items["conv1d"].by is None
    assert marks(floor, files="f2").items["conv1d"].points == 6
    better = [replace(ITEMS[0], points=9.0), *ITEMS[1:]]
    assert marks(floor, items=better).items["conv1d"].points == 9
    assert marks(floor, said("points", 2)).items["conv1d"].points == 2


@pytest.mark.parametrize(
    ("who", "same"),
    [
        (Who("ann_77", "1", "ann@example.org"), True),  # another name of the folder
        (Who("ann_77", "", "ANN@example.org"), True),
        (Who("ann_1", "", ""), True),
        (Who("ann_1", "2", "ann@example.org"), False),  # somebody else by the system's number
        (Who("bob_1", "", "bob@example.org"), False),
    ],
)
def test_decisions_follow_the_student_not_the_name_of_a_folder(who: Who, same: bool) -> None:
    assert bool(marks(said("points", 8), who=who).decided) is same


def test_a_number_that_two_share_tells_nobody_from_the_other() -> None:
    whos = [Who("ann", "7"), Who("bob", "7")]
    marking = Marking([replace(said("points", 8), who=whos[0])], whos)
    assert [bool(marking.about(who)) for who in whos] == [True, False]


def test_a_decision_about_another_sprints_item_of_that_name_is_none_about_this_one() -> None:
    assert marks(said("points", 8, sprint="dnn")).score == 10
    assert marks(said("points", 8, sprint="")).score == marks(said("points", 8)).score != 10
    both = marks(said("points", 8), said("back", sprint="dnn"), said("comment", sprint="dnn"))
    assert both.decided and not both.items["conv1d"].comments


def test_a_decision_that_was_taken_back_is_as_if_it_had_not_been_made() -> None:
    two = (said("points", 8, comment="draw it"), said("points", 9, comment="again"))
    back = said("undo", takes_back=2)
    found = marks(*two, back)
    assert (found.score, [c.comment for c in found.items["conv1d"].comments]) == (12, ["draw it"])
    found = marks(*two, back, said("undo", takes_back=1))
    assert (found.score, found.spoken) == (10, False)
    assert marks(*two, back, said("points", 3)).score == 7, "what is decided afterwards counts"
    assert marks(said("points", 8), said("back"), said("undo", takes_back=2)).score == 12
    marking = Marking([replace(one, number=n) for n, one in enumerate((*two, back), 1)])
    assert [one.number for one in marking.about(ANN)] == [1, 2, 3], "nothing is forgotten"
    assert marking.given(ANN) == "cnn1"
    whole = marks(said("comment", item="", comment="come"), said("undo", item="", takes_back=1))
    assert not whole.comments


# -- the store -------------------------------------------------------------------------------------


def result(score: float, status: Any = "graded") -> Result:
    """What came of a grading in which one item is required, one optional and one a person's."""
    report = {
        "items": [
            {"id": name, "required": name == "conv1d", "status": "partial", "score": score,
             "max_score": 10, "message": "", "checks": []}
            for name in ("conv1d", "bonus")
        ], "runtime": {}, "seed": 1,
    }  # fmt: skip
    summary = {
        "items": [["conv1d", "partial", score, 10], ["bonus", "passed", 2, 2],
                  ["survey", "manual", 0, 0]],
        "mistakes": {}, "language": "en", "optional": ["bonus", "survey"],
    }  # fmt: skip
    return Result(status, "", "cnn1", score, 10.0, 1.0, summary, json.dumps(report))


def graded(folder: Path) -> Store:
    """A class of two, both graded."""
    store = Store(folder)
    store.enrol([
        Enrolled(Handed(n, f"{n}.py", Student(n.title(), str(i), f"{n}@e.org")), "k", f"f{i}", "s")
        for i, n in enumerate(("ann", "bob"))
    ])  # fmt: skip
    for name in ("ann", "bob"):
        store.keep(name, result(6))
        store.written(name, 0)
    return store


def decide(store: Store, name: str, **wish: Any) -> Decision:
    """Keep a decision of Kenta's."""
    return store.ledger.add([decision(store, student(store, name), Wish(**wish), "kenta")])[0]


def test_a_decision_is_kept_and_what_was_written_is_to_be_written_again(tmp_path: Path) -> None:
    store = graded(tmp_path)
    assert store.unwritten() == []
    seen = store.row("ann").decisions
    kept = decide(store, "ann", item="conv1d", points=8, reason="r", comment="c")
    assert store.unwritten() == ["ann"] and kept.files == "f0"
    store.written("ann", seen)
    assert store.unwritten() == ["ann"], "the file was put together before the decision"
    store.written("ann", store.row("ann").decisions)
    assert store.unwritten() == []
    store.close()
    again = Store(tmp_path)
    assert again.row("ann").marks.score == 8 and again.row("bob").marks.score == 6
    told = again.shown_report(again.row("ann"))
    assert told["marks"]["items"][0] | {"at": ""} == {
        "id": "conv1d", "points": 8, "max_points": 10, "graded": 6, "decided": True, "by": "kenta",
        "at": "", "reason": "r", "outdated": False,
        "comments": [{"text": "c", "by": "kenta", "at": kept.at}],
    }  # fmt: skip
    assert "marks" not in again.shown_report(again.row("bob"))


def test_the_last_decision_is_taken_back_by_a_further_one(tmp_path: Path) -> None:
    store = graded(tmp_path)
    first = decide(store, "ann", item="conv1d", points=8, reason="r", comment="c")
    second = decide(store, "ann", item="conv1d", points=9, reason="s")
    decide(store, "bob", item="conv1d", points=1, reason="his own")
    with pytest.raises(UsageError, match=f"#{first.number} is not the last.*#{second.number} is"):
        undo(store, store.row("ann"), "conv1d", "aiko", first.number)
    (kept,) = store.ledger.add([undo(store, store.row("ann"), "conv1d", "aiko", second.number)])
    assert store.row("ann").marks.score == 8 and "ann" in store.unwritten()
    told = list(history(store, store.row("ann"), "conv1d", "en"))
    assert any(line.endswith(f"aiko: takes #{second.number} back (sha256 f0)") for line in told)
    assert any(f"#{second.number} " in line and "kenta: conv1d: 9 points" in line for line in told)
    store.ledger.add([undo(store, store.row("ann"), "conv1d", "aiko")])
    assert not store.row("ann").marks.spoken and store.row("bob").marks.score == 1
    with pytest.raises(UsageError, match="no decision about conv1d that could be taken back"):
        undo(store, store.row("ann"), "conv1d", "aiko")
    assert len(store.ledger.decisions()) == 5 and kept.takes_back == second.number


def test_nothing_changes_or_removes_a_decision(tmp_path: Path) -> None:
    store = graded(tmp_path)
    decide(store, "ann", item="conv1d", points=8, reason="r")
    store.ledger.publish("kenta", "", [(r.who, r.files, r.marks) for r in store.rows()])
    assert len(list(store.read("SELECT * FROM published"))) == 2
    columns = {"decisions": "at", "publications": "at", "published": "score"}
    for table, column in columns.items():
        for words in (f"UPDATE {table} SET {column} = 0", f"DELETE FROM {table}"):
            other = sqlite3.connect(tmp_path / FILE)
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                other.execute(words)
            other.close()
    assert len(store.ledger.decisions()) == 1


def test_an_import_under_other_names_keeps_decisions_and_history(tmp_path: Path) -> None:
    store = graded(tmp_path)
    decide(store, "ann", item="conv1d", points=8, reason="r")
    new = Handed("ann_second", "x.py", Student("Ann", "0", "ann@e.org"), late=True, attempt=2)
    store.enrol([Enrolled(new, "k2", "f9", "s")], "batch", "kenta")
    store.keep("ann_second", result(3))
    row = store.row("ann_second")
    assert (row.marks.score, row.marks.outdated, row.late, row.attempt) == (8, ["conv1d"], True, 2)
    attempts = store.attempts(row.who)
    assert [(one.id, one.files) for one in attempts] == [("ann", "f0"), ("ann_second", "f9")]
    assert [g.score for g in store.gradings(["ann", "ann_second"])] == [6, 3]


def test_the_class_as_a_regrade_would_have_it_counts_only_when_applied(tmp_path: Path) -> None:
    store = graded(tmp_path)
    proposal = store.proposal()
    kept = store.roll()
    proposal.enrol([kept["ann"]._replace(key="k2", settings="s2")])
    assert list(proposal.waiting()) == ["ann"] and list(store.waiting()) == []
    proposal.keep("ann", result(9))
    assert [r.score for r in proposal.rows()] == [9] and store.row("ann").score == 6
    assert store.unwritten() == []
    store.apply(["ann"], "regrade", "kenta")
    assert (store.row("ann").score, store.row("bob").score) == (9, 6)
    assert store.unwritten() == ["ann"] and list(proposal.rows()) == []
    (first, second) = store.gradings(["ann"])
    assert not first.counted[0][1] and second.counted[0][1:] == ("regrade", "kenta")


# -- earlier forms ---------------------------------------------------------------------------------

# The forms as they were released: a form that was is never changed here.
RELEASED = {
    1: """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE class (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE results (
    id TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    sprint TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL, seconds REAL NOT NULL,
    summary TEXT NOT NULL, report BLOB NOT NULL, prints BLOB NOT NULL, code BLOB NOT NULL,
    written INTEGER NOT NULL DEFAULT 0,
    UNIQUE (id, key)
);
CREATE TABLE deaths (
    id TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (id, key, number)
) WITHOUT ROWID;
PRAGMA application_id = 0x53475242;
PRAGMA user_version = 1;
""",
    2: """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE class (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL, late INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0, files TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE results (
    id TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    sprint TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL, seconds REAL NOT NULL,
    summary TEXT NOT NULL, report BLOB NOT NULL, prints BLOB NOT NULL, code BLOB NOT NULL,
    written INTEGER NOT NULL DEFAULT 0, files TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '', graded_at TEXT NOT NULL DEFAULT '',
    UNIQUE (id, key)
);
CREATE TABLE deaths (
    id TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (id, key, number)
) WITHOUT ROWID;
CREATE TABLE proposed (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL, late INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0, files TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE settings (digest TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE attempts (
    id TEXT NOT NULL, files TEXT NOT NULL, seen_at TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL, late INTEGER NOT NULL,
    attempt INTEGER NOT NULL, PRIMARY KEY (id, files)
) WITHOUT ROWID;
CREATE TABLE counted (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, id TEXT NOT NULL,
    key TEXT NOT NULL, how TEXT NOT NULL, by TEXT NOT NULL
);
CREATE TABLE decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, id TEXT NOT NULL,
    student TEXT NOT NULL, email TEXT NOT NULL, sprint TEXT NOT NULL, item TEXT NOT NULL,
    kind TEXT NOT NULL, points REAL, reason TEXT NOT NULL, comment TEXT NOT NULL,
    files TEXT NOT NULL, key TEXT NOT NULL
);
CREATE TABLE publications (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL
);
CREATE TABLE published (
    publication INTEGER NOT NULL, id TEXT NOT NULL, student TEXT NOT NULL, email TEXT NOT NULL,
    score REAL NOT NULL, max_score REAL NOT NULL, known INTEGER NOT NULL, files TEXT NOT NULL,
    items TEXT NOT NULL, PRIMARY KEY (publication, id)
) WITHOUT ROWID;
CREATE TRIGGER decisions_UPDATE BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'what is in decisions is added to, never changed'); END;
CREATE TRIGGER decisions_DELETE BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'what is in decisions is added to, never changed'); END;
INSERT INTO decisions VALUES
(1, '2026-11-30T00:00:00Z', 'aiko', 'ann', '0', '', 'cnn1', 'conv1d', 'points', 7, 'r', '', '', 'k');
PRAGMA application_id = 0x53475242;
PRAGMA user_version = 2;
""",
}
RELEASED[3] = f"""{RELEASED[2]}
ALTER TABLE decisions ADD COLUMN takes_back INTEGER NOT NULL DEFAULT 0;
INSERT INTO decisions VALUES
(2, '2026-11-30T00:00:01Z', 'aiko', 'ann', '0', '', 'cnn1', 'conv1d', 'points', 9, 'r', '', '', 'k', 0),
(3, '2026-11-30T00:00:02Z', 'aiko', 'ann', '0', '', 'cnn1', 'conv1d', 'undo', NULL, '', '', '', 'k', 2);
INSERT INTO attempts VALUES ('ann', 'f0', '2026-11-30T00:00:00Z', 'ann.py', 'Ann', '0', '', 0, 1);
PRAGMA user_version = 3;
"""
RELEASED[4] = f"""{RELEASED[3]}
ALTER TABLE class ADD COLUMN submitted TEXT NOT NULL DEFAULT '';
ALTER TABLE proposed ADD COLUMN submitted TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN submitted TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN terms TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 4;
"""
RELEASED[5] = f"""{RELEASED[4]}
CREATE TABLE sent (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, place TEXT NOT NULL,
    account TEXT NOT NULL, id TEXT NOT NULL, student TEXT NOT NULL, email TEXT NOT NULL,
    mark REAL NOT NULL, done INTEGER NOT NULL
);
PRAGMA user_version = 5;
"""
RELEASED[6] = f"""{RELEASED[5]}
CREATE TABLE uploads (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, id TEXT NOT NULL,
    student TEXT NOT NULL, email TEXT NOT NULL, files TEXT NOT NULL, content TEXT NOT NULL,
    name TEXT NOT NULL, size INTEGER NOT NULL
);
CREATE TABLE revocations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, person TEXT NOT NULL
);
PRAGMA user_version = 6;
"""


def of_form(form: int, folder: Path) -> None:
    """A store as that form had it: Ann graded, Bob's report damaged, Cid still to be graded."""
    one = result(6)
    summary = {k: v for k, v in one.summary.items() if k != "optional"}
    summary |= {"optional": ["bonus"]} if form > 1 else {}
    with sqlite3.connect(folder / FILE) as old:
        old.executescript(RELEASED[form])
        old.execute("INSERT INTO meta VALUES ('secret', ?)", ("a" * 64,))
        for position, name in enumerate(("ann", "bob", "cid")):
            old.execute(
                "INSERT INTO class (id, position, key, shown, name, number, email) "
                "VALUES (?, ?, 'k', ?, ?, ?, '')",
                (name, position, f"{name}.py", name.title(), str(position)),
            )
        for name, packed in (("ann", zlib.compress(one.report.encode())), ("bob", b"no zlib")):
            old.execute(
                "INSERT INTO results (id, key, status, reason, sprint, score, max_score, seconds, "
                "summary, report, prints, code, written) "
                "VALUES (?, 'k', 'graded', '', 'cnn1', 6, 10, 1.5, ?, ?, ?, ?, 1)",
                (name, json.dumps(summary), packed, b"", zlib.compress(b"[]")),
            )
    old.close()


def test_every_form_that_was_released_is_tried() -> None:
    assert sorted(RELEASED) == list(range(1, VERSION))


@pytest.mark.parametrize("form", sorted(RELEASED))
def test_a_store_of_an_earlier_form_is_taken_up_with_all_that_is_in_it(
    tmp_path: Path, form: int
) -> None:
    of_form(form, tmp_path)
    store = Store(tmp_path)
    assert list(store.waiting()) == ["cid"] and store.counts() == (3, 2)
    ann = store.row("ann")
    earlier = 7 if form > 1 else 6  # what a person decided then
    assert (ann.score, ann.marks.score, ann.student.number, ann.files) == (6, earlier, "0", "")
    assert [g.required for g in ann.graded] == [True, False, True], (
        "the report said what is optional"
    )
    assert store.noted("secret") == "a" * 64 and store.unwritten() == []
    decide(store, "ann", item="conv1d", points=8, reason="r")
    assert store.row("ann").marks.score == 8
    store.ledger.add([undo(store, store.row("ann"), "conv1d", "kenta")])
    assert store.row("ann").marks.score == earlier
    # The next run of `batch` tells what the files are.
    store.enrol([Enrolled(Handed("ann", "ann.py", Student("Ann", "0")), "k", "f0", "s")])
    assert store.row("ann").files == "f0" and store.unwritten() == ["ann"]
    assert [g.settings for g in store.gradings(["ann"])] == ["s"]
    assert (store.row("ann").submitted, store.row("ann").marks.lateness) == ("", None)
    store.close()
    (version,) = sqlite3.connect(tmp_path / FILE).execute("PRAGMA user_version").fetchone()
    assert version == VERSION


def test_a_way_that_breaks_off_leaves_the_earlier_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_form(1, tmp_path)

    def breaks(database: sqlite3.Connection) -> None:
        database.execute("CREATE TABLE half (a)")
        raise KeyboardInterrupt

    steps: tuple[Callable[[sqlite3.Connection], None], ...] = (*STEPS[:-1], breaks)
    with monkeypatch.context() as patched:
        patched.setattr(database, "STEPS", steps)
        with pytest.raises(KeyboardInterrupt):
            Store(tmp_path)
    assert Store(tmp_path).counts() == (3, 2)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    graded(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 1}")
    other.close()
    newer = f"newer Scratch Grader.*form {VERSION + 1}"
    with pytest.raises(GraderError, match=newer), store_of(tmp_path):
        pass


# -- what is no decision ---------------------------------------------------------------------------

REFUSED = [
    ("an", {"item": "conv1d", "points": 1}, "did you mean ann?", "annのことですか"),
    ("zoe", {"item": "conv1d", "points": 1}, "nobody in this class", "このクラスにいません"),
    ("ann", {"item": "conv1", "points": 1}, "in cnn1, which has no item conv1; did you mean conv1d?",
     "conv1dのことですか"),
    ("ann", {"item": "conv1d", "points": 11, "reason": "r"}, "11 points are more than the 10",
     "満点10点を超えています"),
    ("ann", {"item": "conv1d", "points": -1}, "-1: no number of points", "点数ではありません"),
    ("ann", {"item": "conv1d", "points": float("nan")}, "nan: no number", "点数ではありません"),
    ("ann", {"item": "conv1d", "points": 8}, "say with --reason why", "--reasonで示してください"),
    ("ann", {"item": "survey", "points": 3}, "--worth survey=5", "--worth survey=5"),
    ("ann", {"points": 3}, "which item the points are for: conv1d, bonus", "どの問題の点か"),
    ("ann", {}, "say what to decide", "決める内容"),
    ("ann", {"item": "conv1d"}, "say what to decide", "決める内容"),
    ("ann", {"item": "conv1d", "comment": "x" * 5000}, "5000 characters; at most 4000", "4000文字"),
]  # fmt: skip


def test_what_can_not_be_decided_is_one_sentence_in_each_language(tmp_path: Path) -> None:
    store = graded(tmp_path)
    for name, wish, english, japanese in REFUSED:
        with pytest.raises(UsageError) as caught:
            decide(store, name, **wish)  # type: ignore[arg-type]
        assert english in caught.value.in_language("en"), wish
        assert japanese in caught.value.in_language("ja"), wish
    for item, points, words in (
        ("conv1d", 5.0, "worth 10 points by its spec"), ("surve", 5.0, "did you mean survey?"),
        ("survey", float("inf"), "no number of points"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words):
            worth(store, item, points, "kenta")
    assert store.ledger.decisions() == []


def test_two_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    store = Store(tmp_path)
    both = [Handed(f"yuki_{n}", "a.py", Student("Yuki", str(n))) for n in (1, 2)]
    store.enrol([Enrolled(one, "k") for one in both])
    with pytest.raises(UsageError, match="2 students have this name or number: yuki_1, yuki_2"):
        student(store, "Yuki")
    with pytest.raises(UsageError, match="yuki_2: not graded yet"):
        student(store, "2")


def test_a_folder_without_a_class_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no graded class in it"), store_of(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_locked_store_decides_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(tmp_path).close()
    monkeypatch.setattr("graders.course.opening.PATIENCE", 0.05)
    with store_of(tmp_path) as store:
        holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(GraderError, match=r"another program holds it.*nothing was decided"):
            decide(store, "ann", item="conv1d", points=8, reason="r")
        holder.execute("ROLLBACK")
        holder.close()
        assert decide(store, "ann", item="conv1d", points=8, reason="r").number == 1


def test_points_for_what_could_not_be_read(tmp_path: Path) -> None:
    store = graded(tmp_path)
    store.enrol(
        [*store.roll().values(), Enrolled(Handed("cid", "c.pdf", Student("Cid")), "k", "f")]
    )
    store.keep("cid", Result("unreadable", "only c.pdf", max_score=0.0))
    assert not store.row("cid").marks.known
    decide(store, "cid", comment="come to me")
    assert not store.row("cid").marks.known
    assert [c.comment for c in store.row("cid").marks.comments] == ["come to me"]
    decide(store, "cid", item="conv1d", points=4, reason="on paper")
    row = store.row("cid")
    assert (row.marks.known, row.marks.score, row.marks.max_score, row.sprint) == (
        True,
        4,
        10,
        "cnn1",
    )
    with pytest.raises(UsageError, match="11 points are more"):
        decide(store, "cid", item="conv1d", points=11, reason="r")


def test_points_that_are_taken_back_leave_no_mark_where_there_was_none(tmp_path: Path) -> None:
    store = graded(tmp_path)
    store.enrol(
        [*store.roll().values(), Enrolled(Handed("cid", "c.pdf", Student("Cid")), "k", "f")]
    )
    store.keep("cid", Result("unreadable", "only c.pdf", max_score=0.0))
    decide(store, "cid", item="conv1d", points=4, reason="on paper")
    decide(store, "cid", item="bonus", points=1, reason="on paper")
    decide(store, "cid", item="conv1d", back=True)
    assert (store.row("cid").marks.known, store.row("cid").marks.score) == (True, 0)
    decide(store, "cid", item="bonus", back=True)
    assert not store.row("cid").marks.known and store.row("cid").marks.max_score == 0
    decide(store, "cid", item="conv1d", points=3, reason="after all")
    assert (store.row("cid").marks.known, store.row("cid").marks.score) == (True, 3)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_gradescope_has_the_mark_that_a_person_gave_for_what_could_not_be_read(
    language: str,
) -> None:
    data: dict[str, Any] = {
        "language": language, "error": "only c.pdf", "score": 0, "items": [], "duration_s": 0,
    }  # fmt: skip
    assert results(data) == {"score": 0, "output": "only c.pdf", "visibility": "visible"}
    item = {"id": "conv1d", "points": 4, "max_points": 10, "graded": 0, "decided": True, "by": "k",
            "at": "", "reason": "on paper", "outdated": False, "comments": [{"text": "well done"}]}  # fmt: skip
    other = {**item, "id": "relu", "decided": False, "comments": []}
    data["marks"] = {
        "score": 4,
        "max_score": 10,
        "items": [item, other],
        "comments": [{"text": "!"}],
    }
    found = results(data)
    said = {"en": "decided by a person", "ja": "人が決定"}[language]
    assert found["score"] == 4
    lines = found["output"].splitlines()
    assert lines[0] == "only c.pdf" and len(lines) == 3 and lines[2] == "!"
    assert said in lines[1] and lines[1].endswith(": 4 / 10 on paper, well done")


def test_whose_number_is_shared_is_a_matter_of_the_whole_class(tmp_path: Path) -> None:
    """Also where one of the two alone is graded again."""
    store = Store(tmp_path)
    twins = [Enrolled(Handed(n, f"{n}.py", Student(n, "7")), "k", n) for n in ("ann", "bob")]
    store.enrol(twins)
    for name in ("ann", "bob"):
        store.keep(name, result(6))
    decide(store, "ann", item="conv1d", points=9, reason="r")
    proposal = store.proposal()
    proposal.enrol([twins[1]._replace(key="k2")])
    proposal.keep("bob", result(7))
    assert [row.marks.score for row in (store.row("bob"), *proposal.rows())] == [6, 7]


def test_a_regrade_has_the_secret_of_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands._parser().parse_args(["regrade", "results", "--secret-file", "another"])
    assert "--secret-file" in capsys.readouterr().err


def test_who_handed_in_nothing_is_told_so(tmp_path: Path) -> None:
    store = graded(tmp_path)
    absent = Enrolled(Handed("cid", "", Student("Cid")), "k", "f", "s")
    store.enrol([*store.roll().values(), absent])
    store.keep(
        "cid",
        Result(
            "unreadable", "nothing was handed in", report='{"items": [], "runtime": {}, "seed": 1}'
        ),
    )
    assert store.attempts(store.row("cid").who) == []
    lines = list(history(store, store.row("cid"), "", "en"))
    assert lines[lines.index("handed in") + 1] == "  nothing was handed in"


def test_decisions_are_read_once_for_all_reports_that_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = graded(tmp_path)
    for name in ("ann", "bob"):
        decide(store, name, item="conv1d", points=8, reason="r")
    for folder in (REPORTS, run.PAGES):
        (tmp_path / folder).mkdir()
    read: list[Store] = []
    marking = Store.marking

    def counted(self: Store, *asked: Any, **more: Any) -> Marking:
        read.append(self)
        return marking(self, *asked, **more)

    monkeypatch.setattr(Store, "marking", counted)
    monkeypatch.setattr(run, "page", lambda data: "")
    assert run.write_unwritten(run.Class(tmp_path, store, {}, Request(tmp_path))) == ["ann", "bob"]
    assert len(read) == 1 and store.unwritten() == []
    data = json.loads((tmp_path / REPORTS / "bob.json").read_text())
    assert data["marks"]["score"] == 8


# -- a gradebook that somebody edited --------------------------------------------------------------


def gradebook(store: Store) -> list[list[str]]:
    """The gradebook of the class as it would be written now, its header first."""
    items = [ItemCount(name, "cnn1", name, True) for name in ("conv1d", "bonus", "survey")]
    text = io.StringIO(newline="")
    write_gradebook(store, Summary("en", items=items), text)
    return list(csv.reader(io.StringIO(text.getvalue())))


def edited(folder: Path, lines: list[list[str]], **cells: str) -> Path:
    """A copy of it in which Ann's cells are these."""
    names, ann, *rest = lines
    ann = [cells.get(name, text) for name, text in zip(names, ann, strict=True)]
    file = folder / "mine.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as opened:
        csv.writer(opened).writerows([names, ann, *rest])
    return file


def changed(store: Store, file: Path) -> list[tuple[str, str, str, float | None, str]]:
    """Who, item, mark before and after, comment; of each change of a table."""
    found, _ = changes(store, file, "kenta", "read again")
    return [
        (c.row.id, c.decision.item, c.before, c.decision.points, c.decision.comment) for c in found
    ]


def test_what_changed_since_a_gradebook_was_written_is_nobodys_edit(tmp_path: Path) -> None:
    store = graded(tmp_path)
    decide(store, "ann", comment="first")
    before = gradebook(store)
    bob = store.roll()["bob"]
    store.enrol([store.roll()["ann"], bob._replace(key="k2", files="f9")])
    store.keep("bob", result(10))  # handed in again, and better
    file = edited(tmp_path, before, conv1d="7,5")
    assert changed(store, file) == [("ann", "conv1d", "6", 7.5, "")]
    # What somebody decided since stays as well, as long as the cell was not touched.
    decide(store, "ann", item="conv1d", points=9, reason="r")
    decide(store, "ann", comment="second")
    assert changed(store, edited(tmp_path, before)) == []
    assert changed(store, edited(tmp_path, before, conv1d="7.5", comment="third")) == [
        ("ann", "conv1d", "9", 7.5, ""), ("ann", "", "first / second", None, "third"),
    ]  # fmt: skip
    assert changed(store, edited(tmp_path, before, conv1d="9")) == []
    # The book of now, with every cell as it stands.
    assert changed(store, edited(tmp_path, gradebook(store))) == []
    assert changed(store, edited(tmp_path, gradebook(store), conv1d="6")) == [
        ("ann", "conv1d", "9", 6, "")
    ]


def test_a_row_of_another_class_is_left_out_and_told(tmp_path: Path) -> None:
    store = graded(tmp_path)
    file = edited(tmp_path, gradebook(store), as_of="g0123456789ab-0", conv1d="9")
    found, left = changes(store, file, "kenta", "r")
    assert found == [] and [str(said) for said in left] == [
        f"{file}, line 2: of a grading that is not this class's, left out: ann"
    ]
    assert "このクラス" in left[0].in_language("ja")


def test_a_table_of_ones_own_means_each_of_its_cells(tmp_path: Path) -> None:
    store = graded(tmp_path)
    file = tmp_path / "mine.csv"
    file.write_bytes('id;conv1d;comment\r\nann;8;"one\r\ntwo"\r\n\r\nbob;9;"a\u2028b"\r\n'.encode())
    assert [(c.row.id, c.decision.points, c.decision.comment)
            for c in changes(store, file, "kenta", "r")[0]] == [
        ("ann", 8, ""), ("ann", None, "one two"), ("bob", 9, ""), ("bob", None, "a b"),
    ]  # fmt: skip
    file.write_text('id,conv1d,comment\nann,8,"one\ntwo"\nbob,11,\n')
    with pytest.raises(UsageError, match="line 4: 11 points are more"):
        changes(store, file, "kenta", "r")


# -- a kill ----------------------------------------------------------------------------------------

DECIDES = """
import sys
from pathlib import Path
from graders.batch.store import Store
from tests.test_ledger import decide
store = Store(Path(sys.argv[1]))
for n in range(10_000):
    print(decide(store, ("ann", "bob")[n % 2], item="conv1d", points=n % 10, reason=str(n)).number,
          flush=True)
"""


def test_a_kill_in_the_middle_loses_no_decision_that_was_told(tmp_path: Path) -> None:
    graded(tmp_path).close()
    told = 0
    for delay in (0.05, 0.2):
        process = subprocess.Popen(
            [sys.executable, "-c", DECIDES, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(3)]  # however slow the disk is
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        lines = [*first, *process.stdout.read().split()]
        told = max([told, *map(int, lines)])
        process.wait()
        numbers = [one.number for one in Store(tmp_path).ledger.decisions()]
        assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= told
    assert told > 2
