"""When a class has to hand in, what being late costs, and from where it is known when somebody did."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graders.batch.discover import discover
from graders.batch.model import Handed, Student
from graders.batch.roster import with_roster
from graders.batch.store import Enrolled, Store
from graders.course import lateness
from graders.course.history import history
from graders.course.impact import compared
from graders.course.lateness import Terms
from graders.errors import UsageError
from graders.ledger.late import Base, LateRule, Timing
from graders.ledger.marks import Marking
from graders.ledger.model import Decision, Who
from graders.report.gradescope import results
from graders.report.html import page
from graders.times import kept, moment, shown, zone_of
from tests.batch_class import ROOT, batch
from tests.class_copies import copied
from tests.test_course import ENGLISH, ours, score, table
from tests.test_ledger import ANN, ITEMS, decide, graded, result, said

TOKYO = zone_of("Asia/Tokyo")
DUE = "2026-12-01T23:59+09:00"

# -- times -----------------------------------------------------------------------------------------

TIMES = {
    "2026-12-01T23:59+09:00": "2026-12-01T14:59:00Z",
    "2026-12-01 23:59:30": "2026-12-01T23:59:30",
    "2026-12-01": "2026-12-01T00:00:00",
    "2026/12/1 9:05": "2026-12-01T09:05:00",
    "2015-02-02 15:58:23.948203 UTC": "2015-02-02T15:58:23Z",
    "2020-10-01 12:00:00.000000000 -07:00": "2020-10-01T19:00:00Z",
    "2026-12-01T14:59:00Z": "2026-12-01T14:59:00Z",
    "Monday, 3 November 2025, 11:59 PM": "2025-11-03T23:59:00",
    "Monday, November 3, 2025, 12:05 AM": "2025-11-03T00:05:00",
    "3 Nov 2025, 12:05 pm": "2025-11-03T12:05:00",
    "2025年 11月 3日(月曜日) 23:59": "2025-11-03T23:59:00",
    "2025年11月3日（月） 午後 1:05": "2025-11-03T13:05:00",
    # what tells no time, or one that could be meant in two ways
    "": "", "-": "", "03/11/2025 10:00": "", "2026-02-30": "", "2026-12-01 25:00": "",
    "2026-12-01 23:59 +09:99": "", "0001-01-01 00:00 +09:00": "", "yesterday": "", "=x()": "",
    "9999-12-31 23:59 -23:00": "", "2026-12-01T23:59+09:00 ": "2026-12-01T14:59:00Z",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TIMES.items())
def test_times_are_read_as_people_and_systems_write_them(text: str, expected: str) -> None:
    assert kept(text) == expected
    assert kept(expected) == expected, "what is kept is read as it was"


def test_what_is_due_on_a_day_or_at_a_minute_is_due_when_it_is_over() -> None:
    ends = {
        "2026-12-01": "23:59:59",
        "2026-12-01 10:30": "10:30:59",
        "2026-12-01 10:30:05": "10:30:05",
    }
    for text, end in ends.items():
        found = moment(text)
        assert found is not None and f"{found.end(TOKYO):%H:%M:%S}" == end
    assert shown(datetime(2026, 12, 1, 23, 59, 59, tzinfo=TOKYO)) == "2026-12-01 23:59 +09:00"
    assert shown(datetime(2026, 12, 1, 5, 4, 3, tzinfo=UTC)) == "2026-12-01 05:04:03 UTC"
    with pytest.raises(UsageError, match="Asia/Tokio: no time zone"):
        zone_of("Asia/Tokio")
    for bad in ("../etc/passwd", "+09:77", ""):
        with pytest.raises(UsageError, match="no time zone"):
            zone_of(bad)


# -- the rule --------------------------------------------------------------------------------------


def rule(**more: Any) -> LateRule:
    """10 % of what was earned for each day, by Tokyo's clock."""
    return replace(
        LateRule(datetime(2026, 12, 1, 23, 59, 59, tzinfo=TOKYO), "Asia/Tokyo", 10), **more
    )


def after(**span: float) -> str:
    """A time so long after the due date, as a store has it."""
    return f"{(rule().due + timedelta(**span)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("late", "grace", "days"),
    [({"seconds": 0}, 0, 0), ({"seconds": 1}, 0, 1), ({"days": 1}, 0, 1),
     ({"days": 1, "seconds": 1}, 0, 2), ({"minutes": 15}, 15, 0),
     ({"minutes": 15, "seconds": 1}, 15, 1), ({"days": 1, "minutes": 5}, 15, 2), ({"days": -3}, 0, 0)],
)  # fmt: skip
def test_days_that_have_begun_count_from_the_due_date(
    late: dict[str, float], grace: int, days: int
) -> None:
    found = rule(grace=grace).lateness(after(**late))
    assert found.days == days
    assert found.timing is (Timing.LATE if days else Timing.ON_TIME)


@pytest.mark.parametrize(
    ("more", "days", "earned", "taken"),
    [
        ({}, 1, 20, 2), ({}, 3, 20, 6), ({}, 30, 20, 20), ({}, 0, 20, 0), ({}, 2, 0, 0),
        ({"base": Base.MAXIMUM}, 1, 20, 4), ({"base": Base.MAXIMUM}, 30, 20, 20),
        ({"most_days": 2}, 9, 20, 4), ({"floor": 60}, 9, 20, 8), ({"floor": 60}, 2, 20, 4),
        # of the maximum: never below 50 % of it, nor is who earned less lifted to it
        ({"base": Base.MAXIMUM, "floor": 50}, 9, 30, 10), ({"base": Base.MAXIMUM, "floor": 50}, 9, 12, 0),
        ({"per_day": 0}, 9, 20, 0),
    ],
)  # fmt: skip
def test_what_is_taken_off(more: dict[str, Any], days: int, earned: float, taken: float) -> None:
    one = rule(**more)
    assert one.taken(days, earned, 40) == taken
    assert LateRule.of(one.terms) == one


def test_a_time_without_a_zone_is_by_the_classs_clock() -> None:
    assert rule().lateness("2026-12-02T00:00:30").days == 1
    assert rule().lateness("2026-12-01T15:00:30Z").days == 1
    assert rule().lateness("2026-12-01T14:00:30Z").timing is Timing.ON_TIME


def test_where_clocks_are_put_back_a_day_has_24_hours() -> None:
    berlin = zone_of("Europe/Berlin")
    one = LateRule(datetime(2026, 10, 24, 23, 59, 59, tzinfo=berlin), "Europe/Berlin", 10)
    assert one.lateness("2026-10-25T22:59:59").days == 1, "the night had 25 hours"
    assert one.lateness("2026-10-25T23:00:00").days == 2


def test_unknown_is_never_late() -> None:
    found = rule().lateness("")
    assert (found.timing, found.days, found.taken(20, 28)) == (Timing.UNKNOWN, 0, 0)


def laid_down(number: int, sprint: str = "", **more: Any) -> Decision:
    """A rule of the class as a decision."""
    terms = "" if more.pop("lifted", False) else rule(**more).terms
    return Decision(number, "", "kenta", Who(""), sprint, "", "late", terms=terms)


def late_marks(*decisions: Decision, handed_in: str, sprint: str = "cnn1") -> Any:
    """Ann's marks, who earned 10 of 14."""
    return Marking(decisions).marks(ANN, sprint, ITEMS, 14, 10, "f1", handed_in)


def test_what_was_laid_down_last_for_the_sprint_or_for_all_holds() -> None:
    two = after(days=1, hours=1)
    assert late_marks(handed_in=two).score == 10
    assert late_marks(laid_down(1), handed_in=two).score == 8
    assert late_marks(laid_down(1), laid_down(2, "cnn1", per_day=20.0), handed_in=two).score == 6
    assert late_marks(laid_down(1, "cnn2"), handed_in=two).score == 10
    assert late_marks(laid_down(1), laid_down(2, lifted=True), handed_in=two).score == 10
    person = said("points", 10, number=2)
    found = late_marks(laid_down(1), person, handed_in=two)
    assert (found.earned, found.score, found.taken_off) == (14, 11.2, 2.8), "of what counts in all"
    assert found.spoken and found.with_items(found.items, 5).score == 4


def test_a_date_of_ones_own_is_for_one_student_and_can_be_taken_back() -> None:
    own = said("extension", None, "", number=2, terms="2026-12-02T23:59:59+09:00")
    two = after(days=1, hours=1)
    found = late_marks(laid_down(1), own, handed_in=two)
    assert (found.score, found.lateness.extended, found.lateness.days) == (9, True, 1)
    back = said("undo", None, "", number=3, takes_back=2)
    assert late_marks(laid_down(1), own, back, handed_in=two).score == 8
    earlier = replace(own, terms="2026-11-01T00:00:00+09:00")
    assert late_marks(laid_down(1), earlier, handed_in=two).score == 8, (
        "no date is before that of all"
    )
    other = Marking([laid_down(1), own]).marks(Who("bob", "2"), "cnn1", ITEMS, 14, 10, "f", two)
    assert other.score == 8


# -- the store -------------------------------------------------------------------------------------


def timed(folder: Path, **times: str) -> Store:
    """The class of two, with these times of handing in."""
    store = graded(folder)
    roll = store.roll()
    store.enrol(
        one._replace(handed=replace(one.handed, submitted=times.get(name, "")))
        for name, one in roll.items()
    )
    return store


def test_a_rule_is_a_decision_and_everything_is_written_again(tmp_path: Path) -> None:
    store = timed(tmp_path, ann=after(hours=1))
    assert store.unwritten() == ["ann"], "when it was handed in is known now"
    for name in ("ann", "bob"):
        store.written(name, 0)
    store.enrol(store.roll().values())
    assert store.unwritten() == [], "nothing is told otherwise than before"
    terms = Terms(DUE, per_day=25)
    store.ledger.add([lateness.laid_down(store, "", terms, "kenta", "as always")])
    assert store.unwritten() == ["ann", "bob"]
    assert [row.marks.score for row in store.rows()] == [4.5, 6]
    assert [row.untimed for row in store.rows()] == [False, True]
    proposal = store.proposal()
    proposal.enrol([store.roll()["ann"]._replace(key="k2")])
    proposal.keep("ann", result(10))
    (change,) = compared(store, proposal, never_lower=False)
    assert (change.difference, change.marks.score) == (3, 7.5)
    proposal.enrol([store.roll()["ann"]._replace(key="k3")])
    proposal.keep("ann", result(2))
    (change,) = compared(store, proposal, never_lower=True)
    assert change.difference == 0 and change.items[0].kept


def test_when_it_was_handed_in_is_known_of_the_same_files_for_ever(tmp_path: Path) -> None:
    store = timed(tmp_path, ann=after(hours=1))
    silent = Enrolled(Handed("ann", "ann.py", Student("Ann", "0")), "k", "f0", "s")
    store.enrol([silent])
    assert store.row("ann").submitted == after(hours=1)
    store.enrol([silent._replace(files="f9", key="k9")])
    store.keep("ann", result(6))
    assert store.row("ann").submitted == "", "other files, of which nobody says when"
    store.enrol([silent._replace(handed=replace(silent.handed, submitted=after(hours=2)))])
    assert store.row("ann").submitted == after(hours=2), "what is told now goes before"
    own = store.attempts(store.row("ann").who)
    assert [(one.files, one.submitted) for one in own] == [("f0", after(hours=2)), ("f9", "")]


def test_an_earlier_rule_goes_on_where_nothing_else_is_said(tmp_path: Path) -> None:
    store = timed(tmp_path, ann=after(hours=1))
    first = lateness.laid_down(store, "", Terms(DUE, per_day=10, grace=5), "kenta", "")
    store.ledger.add([first])
    second = lateness.laid_down(store, "", Terms(most_days=3), "kenta", "")
    found = LateRule.of(second.terms)
    assert found is not None
    assert (found.per_day, found.grace, found.most_days, found.zone) == (10, 5, 3, "+09:00")
    third = LateRule.of(lateness.laid_down(store, "", Terms("2026-12-03"), "kenta", "").terms)
    assert third is not None and shown(third.due) == "2026-12-03 23:59 +09:00"


REFUSED: list[tuple[Any, str, str]] = [
    (Terms(per_day=10), "there is no due date yet", "期限がまだありません"),
    (Terms("2026-12-01T23:59"), "in which time zone?", "どのタイムゾーン"),
    (Terms("soon"), "soon: no time that is understood", "時刻として読めません"),
    (Terms(DUE, per_day=101), "--per-day 101: per cent, from 0 to 100", "0から100までのパーセント"),
    (Terms(DUE, per_day=float("nan")), "per cent, from 0 to 100", "パーセント"),
    (Terms(DUE, grace=-1), "--grace -1: must be from 0 to", "--grace -1"),
    (Terms(DUE, most_days=0), "--most-days 0: must be from 1 to", "--most-days 0"),
    (Terms(DUE, zone="Mars"), "Mars: no time zone", "Mars"),
]


@pytest.mark.parametrize(("terms", "english", "japanese"), REFUSED)
def test_what_can_not_be_laid_down_is_one_sentence(
    tmp_path: Path, terms: Terms, english: str, japanese: str
) -> None:
    store = timed(tmp_path)
    with pytest.raises(UsageError) as caught:
        lateness.laid_down(store, "", terms, "kenta", "")
    assert english in caught.value.in_language("en") and japanese in caught.value.in_language("ja")


def test_what_is_no_extension_is_one_sentence(tmp_path: Path) -> None:
    store = timed(tmp_path, ann=after(hours=1))
    for given, words in (("ann=2026-12-05", "no due date yet"), ("2026-12-05", "say STUDENT=TIME")):
        with pytest.raises(UsageError, match=words):
            lateness.extended(store, given, "kenta", "")
    with pytest.raises(UsageError, match="no due date that could be lifted"):
        lateness.lifted(store, "", "kenta", "")
    store.ledger.add([lateness.laid_down(store, "", Terms(DUE, per_day=10), "kenta", "")])
    for given, words in (
        ("ann=2026-11-05", "not after the due date of all, 2026-12-01 23:59"), ("zoe=2026-12-05", "nobody"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words):
            lateness.extended(store, given, "kenta", "")
    with pytest.raises(UsageError, match=r"--sprint dnn: nobody of this class.*cnn1"):
        lateness.lifted(store, "dnn", "kenta", "")


def test_why_tells_what_was_taken_off_or_why_nothing_was(tmp_path: Path) -> None:
    store = timed(tmp_path, ann="2026-12-03T09:00:00")
    store.ledger.add([lateness.laid_down(store, "", Terms(DUE, per_day=10), "kenta", "as always")])
    lines = list(history(store, store.row("ann"), "", "en"))
    assert lines[1] == (
        "  6 earned; Late: handed in 2026-12-03 09:00 +09:00, due 2026-12-01 23:59 +09:00; days begun: 2; "
        "points taken off: 1.2 (10 % of the points earned for each day begun)"
    )
    assert any(line.endswith("kenta: due 2026-12-01 23:59 +09:00; 10 % of the points earned for "
                             "each day begun") for line in lines)  # fmt: skip
    assert "when it was handed in is not known, so it is never late" in list(
        history(store, store.row("bob"), "", "en")
    )[1]  # fmt: skip
    store.ledger.add([lateness.extended(store, "ann=2026-12-09", "kenta", "flu")])
    lines = list(history(store, store.row("ann"), "", "en"))
    assert (
        "due 2026-12-09 23:59 +09:00 (a date of their own); handed in 2026-12-03 09:00" in lines[1]
    )
    assert any("kenta: ann: due 2026-12-09 23:59 +09:00" in line for line in lines)
    decide(store, "ann", comment="get well")
    assert store.row("ann").marks.score == 6


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_students_page_and_gradescope_say_it(tmp_path: Path, language: str) -> None:
    store = timed(tmp_path, ann=after(days=1, hours=1))
    store.ledger.add([lateness.laid_down(store, "", Terms(DUE, per_day=10), "kenta", "")])
    data = store.shown_report(store.row("ann")) | {
        "language": language, "error": "", "score": 6, "max_score": 10, "duration_s": 1, "items": [],
        "submission": {"path": "a.py", "sha256": "0" * 64}, "complete": True, "load": {"cells": [], "notes": []},
        "isolation": {"level": "full"}, "started_at": "2026-12-01", "runtime": {"python": "", "numpy": ""},
    }  # fmt: skip
    words = {"en": "points taken off: 1.2 (10 %", "ja": "減点1.2点"}[language]
    assert words in page(data) and "4.8 / 10" in page(data)
    told = results(data)
    assert told["score"] == 4.8 and words in told["output"]
    assert "taken off" not in page(
        data | {"marks": store.shown_report(store.row("bob")).get("marks", {})}
    )


# -- from where it is known ------------------------------------------------------------------------


def lay(folder: Path, files: dict[str, str]) -> Path:
    """A class with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_gradescope_says_when(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {
        "submission_metadata.yml": "submission_7:\n  :submitters:\n  - :name: Ann\n"
        "  :created_at: 2020-10-01 12:00:00.000000000 -07:00\n"
        "submission_8:\n  :submitters:\n  - :name: Bob\n  :created_at: ~\n",
        "submission_7/a.py": "x", "submission_8/a.py": "x",
    })  # fmt: skip
    found = {one.id: one.submitted for one in discover(str(folder)).handed}
    assert found == {"Ann_7": "2020-10-01T19:00:00Z", "Bob_8": ""}


def test_the_inbound_folder_of_nbgrader_says_when_and_the_last_counts(tmp_path: Path) -> None:
    folder = lay(tmp_path / "inbound", {
        "ann+ps1+2015-02-02 15:58:23.948203 UTC/a.py": "first",
        "ann+ps1+2015-02-03 15:58:23.948203 UTC+c2VjcmV0/a.py": "second",
        "ann+ps1+2015-02-03 15:58:23.948203 UTC+c2VjcmV0/timestamp.txt": "1999-01-01",
        "bob+ps1+2015-02-02 16:00:00 UTC/a.py": "x",
        "c+d/a.py": "x",
    })  # fmt: skip
    found = discover(str(folder))
    assert found.layout == "nbgrader"
    told = {one.id: (one.submitted, one.attempt, one.shown) for one in found.handed}
    assert told["ann"][:2] == ("2015-02-03T15:58:23Z", 2) and "c2VjcmV0" in told["ann"][2]
    assert told["bob"] == ("2015-02-02T16:00:00Z", 1, "bob+ps1+2015-02-02 16:00:00 UTC")
    assert told["c_d"][:2] == ("", 0)
    lay(folder, {"ann+ps2+2015-03-02 16:00:00 UTC/a.py": "x"})
    assert {one.id for one in discover(str(folder)).handed} == {
        "ann_ps1",
        "ann_ps2",
        "bob_ps1",
        "c_d",
    }


def test_what_a_student_writes_into_the_folder_is_no_time(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {
        "ann/a.py": "x", "ann/timestamp.txt": "2000-01-01 00:00:00 UTC", "bob/a.py": "x",
    })  # fmt: skip
    assert [one.submitted for one in discover(str(folder)).handed] == ["", ""]


def test_a_manifest_has_a_column_for_it(tmp_path: Path) -> None:
    lay(tmp_path, {"a.py": "x", "b.py": "x"})
    (tmp_path / "class.csv").write_text(f"path,id,Submitted\na.py,1,{DUE}\nb.py,2,\n")
    found = discover(str(tmp_path / "class.csv"))
    assert [one.submitted for one in found.handed] == ["2026-12-01T14:59:00Z", ""]
    (tmp_path / "class.csv").write_text("path,submitted\na.py,1/2/3\n")
    with pytest.raises(UsageError, match=r"line 2: no time that is understood: 1/2/3; write"):
        discover(str(tmp_path / "class.csv"))


@pytest.mark.parametrize(
    ("column", "text", "time"),
    [("Last modified (submission)", "Monday, 3 November 2025, 11:59 PM", "2025-11-03T23:59:00"),
     ("最終更新日時 (提出)", "2025年 11月 3日(月曜日) 23:59", "2025-11-03T23:59:00"),
     ("Submission Time", "2021-02-02 20:32:07 -0800", "2021-02-03T04:32:07Z"),
     ("submitted", "2026-12-01T23:59+09:00", "2026-12-01T14:59:00Z"), ("submitted", "-", "")],
)  # fmt: skip
def test_a_roster_has_a_column_for_it(tmp_path: Path, column: str, text: str, time: str) -> None:
    found = discover(str(lay(tmp_path / "class", {"ann.py": "x", "bob.py": "x"})))
    roster = tmp_path / "roster.csv"
    roster.write_text(f'name,{column}\nann,"{text}"\nbob,3.11.25 um 10\n')
    told = with_roster(found, roster)
    assert [one.submitted for one in told.handed] == [time, ""]
    assert told.notes == ("roster.csv, line 3: no time that is understood: 3.11.25 um 10",)


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_time(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of four by a manifest: on time, two days late, late by the system alone, a pdf."""
    base = tmp_path_factory.mktemp("late")
    lay(base / "class", {f"{n}.py": f"{ENGLISH}\n# {n}\n" for n in ("ann", "bob", "cid")})
    (base / "class" / "dan.pdf").write_text("on paper")
    (base / "class" / "list.csv").write_text(
        "path,id,late,submitted\nann.py,ann,,2026-12-01T20:00\nbob.py,bob,,2026-12-03 09:00\n"
        "cid.py,cid,LATE,\ndan.pdf,dan,LATE,2026-12-02\n"
    )
    done = batch(base / "class" / "list.csv", "--out", base / "out", "--lang", "en")
    assert done.returncode == 1, done.stderr
    return base


@pytest.fixture
def late_course(on_time: Path, tmp_path: Path) -> Path:
    """A copy of the class and of its results."""
    course = copied(on_time, tmp_path)
    store = Store(course / "out")
    store.note("submissions", str(course / "class" / "list.csv"))
    store.close()
    return course


@pytest.mark.xdist_group("test_late")
def test_a_rule_is_shown_with_its_impact_and_counts_when_it_is_applied(late_course: Path) -> None:
    out = late_course / "out"
    before = (out / "gradebook.csv").read_bytes()
    asked = ("late", out, "--due", "2026-12-01T23:59", "--zone", "Asia/Tokyo", "--per-day", 10,
             "--lang", "en")  # fmt: skip
    done = ours(*asked)
    assert done.returncode == 1, done.stderr
    for line in (
        "1 of 4 would change: 0 gain, 1 lose, 0 keep their mark", "bob: 2 / 28 -> 1.6 / 28",
        "points taken off: 0.4 (10 % of the points earned for each day begun)",
        "not known, so it is never late: cid", "calls late, without saying by how much: cid;",
        "nothing counts yet",
    ):  # fmt: skip
        assert line in done.stdout, line
    assert (out / "gradebook.csv").read_bytes() == before
    assert "points taken off: 0.4" in (out / "impact.html").read_text("utf-8")
    assert "scratchgrade late --apply" in (out / "impact.html").read_text("utf-8")
    assert "points taken off: 0.4" in (out / "impact.csv").read_text("utf-8")
    done = ours(*asked, "--apply", "--by", "kenta")
    assert done.returncode == 0, done.stderr
    rows = table(out / "gradebook.csv")
    told = {i: [rows[i][n] for n in ("score", "late", "submitted", "days_late", "taken_off")]
            for i in rows}  # fmt: skip
    assert told == {
        "ann": ["2", "", "2026-12-01 20:00 +09:00", "0", ""],
        "bob": ["1.6", "LATE", "2026-12-03 09:00 +09:00", "2", "0.4"],
        "cid": ["2", "LATE", "", "", ""],
        "dan": ["", "LATE", "2026-12-02 00:00 +09:00", "", ""],
    }
    assert ",1.6" in (out / "canvas.csv").read_text("utf-8")
    assert "points taken off: 0.4" in (out / "moodle.csv").read_text("utf-8")
    assert "late −0.4" in (out / "class.html").read_text("utf-8")
    assert r"late \-0.4" in (out / "class.md").read_text("utf-8")
    assert "points taken off: 0.4" in (out / "pages" / "bob.html").read_text("utf-8")
    report = json.loads((out / "reports" / "bob.json").read_text("utf-8"))
    jsonschema.validate(report, json.loads((ROOT / "specs" / "report.schema.json").read_text()))
    assert (report["score"], report["marks"]["score"], report["marks"]["late"]["days"]) == (
        2,
        1.6,
        2,
    )
    standing = ours("late", out, "--lang", "en")
    assert standing.returncode == 0 and "cnn1: due 2026-12-01 23:59 +09:00; 10 %" in standing.stdout
    assert "bob: Late: handed in 2026-12-03 09:00 +09:00" in standing.stdout
    # No run undoes it, and what cannot be known stays said.
    done = batch(late_course / "class" / "list.csv", "--out", out, "--lang", "en", "--resume")
    assert "when it was handed in is not known, so it is never late: cid" in done.stdout
    assert score(out, "bob") == "1.6"


@pytest.mark.xdist_group("test_late")
def test_what_was_published_changes_by_a_rule_only_when_it_is_applied(late_course: Path) -> None:
    out = late_course / "out"
    assert ours("publish", out).returncode == 0
    assert ours("late", out, "--due", "2026-12-01T23:59+09:00", "--per-day", 50).returncode == 1
    assert score(out, "bob") == "2"
    applied = ours(
        "late", out, "--due", "2026-12-01T23:59+09:00", "--per-day", 50, "--floor", 20, "--apply"
    )
    assert applied.returncode == 0, applied.stderr
    row = table(out / "gradebook.csv")["bob"]
    assert (row["score"], row["published"]) == ("0.4", "2")
    done = ours(
        "late", out, "--extend", "bob=2026-12-02", "--reason", "flu", "--lang", "en", "--apply"
    )
    assert "bob: 0.4 / 28 -> 1 / 28" in done.stdout and score(out, "bob") == "1"
    done = ours("late", out, "--extend", "bob=2026-12-04", "--lang", "en", "--apply")
    assert (
        "not late any more: 1 points are not taken off" in done.stdout and score(out, "bob") == "2"
    )
    done = ours("mark", out, "bob", "--undo", "--lang", "en")
    assert done.returncode == 0 and score(out, "bob") == "1"
    done = ours("late", out, "--lift", "--lang", "en", "--apply")
    assert done.returncode == 0 and score(out, "bob") == "2"
    assert "due 2026-12-02 23:59 +09:00" in ours("why", out, "bob", "--lang", "en").stdout


@pytest.mark.xdist_group("test_late")
def test_bad_input_of_the_command_is_one_sentence(late_course: Path) -> None:
    out = late_course / "out"
    wrong = [
        (("--per-day", 10), "there is no due date yet"),
        (("--due", DUE, "--lift"), "one thing at a time"),
        (("--due", DUE, "--reason", "x" * 5000), "at most 4000 are kept"),
    ]
    for arguments, words in wrong:
        done = ours("late", out, *arguments)
        assert done.returncode == 2 and words in done.stderr, (arguments, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1


def test_the_gradebooks_columns_are_no_items(tmp_path: Path) -> None:
    """An edited copy of a gradebook of a class that has a rule: nothing of it is left out."""
    from graders.batch.outputs.gradebook import write_gradebook
    from graders.batch.outputs.summary import ItemCount, Summary
    from graders.course.edited import changes

    store = timed(tmp_path, ann=after(days=1, hours=1))
    store.ledger.add([lateness.laid_down(store, "", Terms(DUE, per_day=10), "kenta", "")])
    file = io.StringIO()
    whole = Summary("en", items=[ItemCount("conv1d", "cnn1", "", True)])
    write_gradebook(store, whole, file)
    (tmp_path / "copy.csv").write_text(file.getvalue())
    assert changes(store, tmp_path / "copy.csv", "kenta", "r") == ([], [])
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [(row["days_late"], row["taken_off"]) for row in rows] == [("2", "1.2"), ("", "")]


@pytest.mark.xdist_group("test_late")
def test_review_tells_what_was_taken_off_and_why(late_course: Path) -> None:
    pytest.importorskip("starlette")
    from graders.review.desk import Desk
    from graders.review.door import Keys
    from graders.review.pages import Pages

    out = late_course / "out"
    store = Store(out)
    pages = Pages(Desk(out, store, Keys(), "en", "kenta"))
    assert "taken off" not in pages.students()
    store.ledger.add([lateness.laid_down(store, "", Terms(DUE, per_day=10), "kenta", "")])
    shown = pages.students()
    assert shown.count("points taken off: 0.4 (10 % of the points earned") == 1
    assert "1.6 / 28" in shown
    (handle,) = [h for h, row in pages._desk.seen().rows_by_handle.items() if row.id == "bob"]
    assert "points taken off: 0.4" in pages.student(handle)
    assert "points taken off: 0.4" in pages.history(handle)
    store.close()
