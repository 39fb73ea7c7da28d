"""Rubrics: which points they come to, how they change, and what the shell says of them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from graders.batch.model import Handed, Student
from graders.batch.store import FILE, Enrolled, Result, Row, Store
from graders.course import marking, rubrics
from graders.course.rubrics import Finding
from graders.errors import GraderError, UsageError
from graders.ledger.rubric import Criterion, Judged, Rubric, Way
from graders.report.criteria import criteria_said
from graders.report.gradescope import results
from tests.test_course import ours
from tests.test_ledger import ROOT, decide, graded, marks, said

CLEAR = Criterion("c1", 2.0, "式が正しい", "The formula is right")
UNITS = Criterion("c2", 1.0, "", "Units are given")
MISSED = Criterion("c3", -0.5, "単位がない", "")
ADDING = Rubric(Way.ADD, (CLEAR, UNITS, MISSED))
TAKING = Rubric(Way.SUBTRACT, (CLEAR, UNITS, MISSED))


def laid(rubric: Rubric, item: str = "conv1d") -> Any:
    """A class's rubric, as a decision."""
    return said("rubric", item=item, terms=rubric.terms)


def found(*met: Criterion, adjusted: float = 0.0, item: str = "conv1d") -> Any:
    """What was found in Ann's work, as a decision."""
    return said("criteria", 0.0, item, terms=Judged(met, adjusted).terms)


# -- which points they come to ---------------------------------------------------------------------


def test_criteria_add_from_nothing_on_or_take_off_from_all() -> None:
    added = marks(laid(ADDING), found(CLEAR, MISSED))
    assert (added.items["conv1d"].points, added.score) == (1.5, 5.5)
    taken = marks(laid(TAKING), found(CLEAR, MISSED))
    assert (taken.items["conv1d"].points, taken.score) == (8.5, 12.5)
    assert [one.id for one in taken.items["conv1d"].met] == ["c1", "c3"]
    assert marks(laid(ADDING)).score == 10, "a rubric alone decides nothing"


@given(
    st.sampled_from(Way), st.lists(st.floats(-1e6, 1e6), max_size=8), st.floats(-1e6, 1e6),
    st.floats(0, 1e3),
)  # fmt: skip
def test_points_are_never_below_nothing_nor_above_what_an_item_is_worth(
    way: Way, points: list[float], adjusted: float, most: float
) -> None:
    criteria = tuple(Criterion(f"c{n}", p, "", "x") for n, p in enumerate(points))
    assert 0 <= Rubric(way, criteria).points(criteria, adjusted, most) <= most + 1e-9


def test_other_points_of_a_criterion_change_the_mark_of_whom_it_was_applied_to() -> None:
    dear = Rubric(Way.ADD, (Criterion("c1", 3.0, "", "now 3"), UNITS))
    later = marks(laid(ADDING), found(CLEAR), laid(dear)).items["conv1d"]
    assert (later.points, later.met[0].en) == (3, "now 3")
    assert marks(laid(ADDING), found(UNITS), laid(dear)).items["conv1d"].points == 1
    turned = marks(laid(ADDING), found(CLEAR), laid(TAKING)).items["conv1d"]
    assert turned.points == 8, "the other way round"


def test_a_criterion_that_is_gone_counts_no_more_and_nobody_is_left_with_nothing_by_that() -> None:
    rest = Rubric(Way.ADD, (UNITS,))
    both = marks(laid(ADDING), found(CLEAR, UNITS), laid(rest)).items["conv1d"]
    assert (both.points, [one.id for one in both.met]) == (1, ["c2"])
    alone = marks(laid(ADDING), found(CLEAR), laid(rest)).items["conv1d"]
    assert alone.by is None and alone.points == 6, "the grader's points again"
    survey = marks(
        said("worth", 5, "survey"), laid(ADDING, "survey"), found(CLEAR, item="survey"),
        laid(rest, "survey"),
    ).items["survey"]  # fmt: skip
    assert survey.waits
    by_hand = marks(laid(ADDING), found(CLEAR, adjusted=0.5), laid(rest)).items["conv1d"]
    assert by_hand.by is not None and by_hand.points == 0.5
    none = marks(said("worth", 5, "survey"), laid(TAKING, "survey"), found(item="survey"))
    assert not none.items["survey"].waits and none.items["survey"].points == 5, (
        "none is met: that was decided"
    )


def test_the_last_decision_stands_and_is_taken_back_like_any_other() -> None:
    first, second = found(CLEAR), found(CLEAR, UNITS)
    assert marks(laid(ADDING), first, second).items["conv1d"].points == 3
    assert (
        marks(laid(ADDING), first, second, said("undo", takes_back=3)).items["conv1d"].points == 2
    )
    assert marks(laid(ADDING), first, said("points", 9)).items["conv1d"].points == 9
    hand = marks(laid(ADDING), first, said("points", 9)).items["conv1d"]
    assert not hand.met, "what was given by hand has no criteria"
    assert marks(laid(ADDING), first, said("back")).items["conv1d"].points == 6


# -- how they change -------------------------------------------------------------------------------


def laid_down(store: Store, rubric: Rubric) -> None:
    """Give an item of the class a rubric."""
    store.ledger.add([rubrics.revised("cnn1", "conv1d", rubric, "aiko")])


def judge(store: Store, name: str, *met: str, **more: Any) -> None:
    """Keep what was found in a student's work."""
    finding = Finding("conv1d", frozenset(met), **more)
    store.ledger.add([rubrics.judged(store, store.row(name), finding, "kenta")])


def test_a_change_is_told_with_whom_it_changes_before_it_counts(tmp_path: Path) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)
    judge(store, "ann", "c1")
    dear = Rubric(Way.ADD, (Criterion("c1", 5.0, "", "x"), UNITS, MISSED))
    (change,) = rubrics.changes(store, [rubrics.revised("cnn1", "conv1d", dear, "aiko")])
    assert (change.before.id, change.difference) == ("ann", 3)
    assert store.row("ann").marks.score == 2, "nothing counts yet"
    (gone,) = rubrics.changes(store, [rubrics.revised("cnn1", "conv1d", Rubric(), "aiko")])
    assert gone.items[0].points == (2, 6)
    same = Rubric(Way.ADD, (*ADDING.criteria, Criterion("c4", 1.0, "", "new")))
    assert rubrics.changes(store, [rubrics.revised("cnn1", "conv1d", same, "aiko")]) == []
    store.written("ann", 0)
    store.written("bob", 0)
    laid_down(store, dear)
    assert store.unwritten() == ["ann", "bob"] and store.row("ann").marks.score == 5
    assert [d.kind for d in store.ledger.decisions()] == ["rubric", "criteria", "rubric"]
    with (
        sqlite3.connect(tmp_path / FILE) as other,
        pytest.raises(sqlite3.Error, match="never changed"),
    ):
        other.execute("UPDATE decisions SET terms = ''")


def test_an_id_is_never_given_again(tmp_path: Path) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)
    laid_down(store, Rubric(Way.ADD, (CLEAR,)))
    assert next(rubrics.fresh_ids(store, "cnn1", "conv1d")) == "c4"
    assert next(rubrics.fresh_ids(store, "cnn1", "bonus")) == "c1"


@pytest.mark.parametrize(
    ("met", "more", "words"),
    [
        ({"c9"}, {}, "no criterion c9"), ({"c1"}, {"adjusted": float("nan")}, "no number"),
        ({"c1"}, {"adjusted": 1.0}, "say with a comment"),
        ({"c1"}, {"comment": "x" * 5000}, "at most"),
    ],
)  # fmt: skip
def test_what_can_not_be_found_is_told(
    tmp_path: Path, met: set[str], more: dict[str, Any], words: str
) -> None:
    store = graded(tmp_path)
    with pytest.raises(UsageError, match="no rubric yet"):
        judge(store, "ann", "c1")
    laid_down(store, ADDING)
    with pytest.raises(UsageError, match=words):
        judge(store, "ann", *met, **more)
    assert len(store.ledger.decisions()) == 1
    store.ledger.add([rubrics.revised("cnn1", "survey", ADDING, "aiko")])
    with pytest.raises(UsageError, match="no points by its spec"):
        rubrics.judged(store, store.row("ann"), Finding("survey", frozenset({"c1"})), "kenta")


@pytest.mark.parametrize(
    ("points", "ja", "en", "words"),
    [
        (1.0, "", " ", "in a few words"), (float("inf"), "", "x", "no number"), (1e9, "", "x", "no number"),
        (1.0, "あ" * 501, "x", "at most 500"),
    ],
)  # fmt: skip
def test_what_is_no_criterion_is_told(points: float, ja: str, en: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        rubrics.criterion("c1", points, ja, en)


def test_a_rubric_has_bounds() -> None:
    many = Rubric(Way.ADD, tuple(Criterion(f"c{n}", 1, "", "x") for n in range(81)))
    with pytest.raises(UsageError, match="at most 80"):
        rubrics.revised("cnn1", "conv1d", many, "aiko")
    with pytest.raises(UsageError, match="two criteria"):
        rubrics.revised("cnn1", "conv1d", Rubric(Way.ADD, (CLEAR, CLEAR)), "aiko")


def test_a_click_applies_another_removes_and_the_last_one_leaves_nobody_with_nothing(
    tmp_path: Path,
) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)

    def toggled(id_: str) -> Finding | None:
        return rubrics.toggled(store.row("ann"), "conv1d", id_)

    assert toggled("c1") == Finding("conv1d", frozenset({"c1"}))
    judge(store, "ann", "c1")
    assert toggled("c2") == Finding("conv1d", frozenset({"c1", "c2"}))
    assert toggled("c1") is None
    judge(store, "ann", "c1", adjusted=0.5, comment="nearly")
    assert toggled("c1") == Finding("conv1d", frozenset(), 0.5)


# -- what is told of it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("ja", ("式が正しい", "Units")), ("en", ("formula", "単位"))]
)
def test_a_students_page_has_the_criteria_that_are_met_in_their_language(
    tmp_path: Path, language: str, words: tuple[str, str]
) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)
    judge(store, "ann", *("c1", "c2" if language == "ja" else "c3"), adjusted=0.25, comment="read")
    (told,) = marks_of(store.row("ann"))
    schema = json.loads((ROOT / "specs" / "report.schema.json").read_text("utf-8"))
    part = {"$defs": schema["$defs"], **schema["properties"]["marks"]}
    jsonschema.validate({"score": 0, "max_score": 0, "items": [told], "comments": []}, part)
    lines = criteria_said(told, "ja" if language == "ja" else "en")
    assert len(lines) == 3 and words[0] in lines[0] and words[1] in lines[1]
    assert lines[2].startswith("+0.25")


def marks_of(row: Row) -> list[dict[str, Any]]:
    """What a report has of the items that a person decided."""
    from graders.ledger.marks import told

    items: Any = told(row.marks)["items"]
    return list(items)


# -- a file of them --------------------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    store = graded(tmp_path)
    laid_down(store, TAKING)
    file = tmp_path / "rubric.yaml"
    file.write_text(rubrics.exported(store), encoding="utf-8")
    assert rubrics.imported(store, file, "aiko") == [], "nothing is another"
    told = yaml.safe_load(file.read_text("utf-8"))
    assert told["conv1d"]["way"] == "subtract" and told["conv1d"]["criteria"][1] == {
        "id": "c2", "points": 1.0, "en": "Units are given",
    }  # fmt: skip
    (tmp_path / "next").mkdir()
    other = graded(tmp_path / "next")
    other.ledger.add(rubrics.imported(other, file, "aiko"))
    assert rubrics.rubric_of(other, "cnn1", "conv1d") == TAKING


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("conv: {criteria: []}", "no item conv; did you mean conv1d"),
        ("conv1d: {criteria: [{points: 1}]}", "in a few words"),
        ("conv1d: {criteria: [{points: .nan, en: x}]}", "no number"),
        ("conv1d: {criteria: [{points: x, en: x}]}", "points"),
        ("conv1d: {criteria: [{id: C 1, points: 1, en: x}]}", "id"),
        ("conv1d: {way: up, criteria: []}", "way"), ("[]", "rubric.yaml"), ("", "rubric.yaml"),
        ("conv1d: {criteria: [{id: a, points: 1, en: x}, {id: a, points: 1, en: y}]}", "two criteria"),
        ("conv1d: &a {criteria: []}\nbonus: *a", "rubric.yaml"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_rubrics_is_told(tmp_path: Path, text: str, words: str) -> None:
    store = graded(tmp_path)
    file = tmp_path / "rubric.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GraderError, match=words):
        rubrics.imported(store, file, "aiko")


def test_criteria_without_an_id_get_one_that_was_never_there(tmp_path: Path) -> None:
    store = graded(tmp_path)
    laid_down(store, Rubric(Way.ADD, (CLEAR,)))
    file = tmp_path / "rubric.yaml"
    file.write_text(
        "conv1d: {criteria: [{points: 1, en: x}, {id: c2, points: 1, en: y}, {points: 2, ja: z}]}"
    )
    (decision,) = rubrics.imported(store, file, "aiko")
    assert [one.id for one in Rubric.of(decision.terms).criteria] == ["c3", "c2", "c4"]


# -- the shell -------------------------------------------------------------------------------------


@pytest.mark.xdist_group("test_rubrics")
def test_the_shell_lays_down_applies_changes_and_tells(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    size = "def output_size(n_in, filter_size, padding=0, stride=1):\n    return n_in\n"
    for name in ("aiko", "ben"):
        (tmp_path / "class" / f"{name}.py").write_text(size)
    out = tmp_path / "out"
    ours(
        "batch",
        tmp_path / "class",
        "--out",
        out,
        "--sprint",
        "cnn1",
        "--lang",
        "en",
        "--workers",
        1,
    )
    file = tmp_path / "rubric.yaml"
    file.write_text("conv1d_out_size:\n  criteria:\n  - {id: idea, points: 0.5, en: The idea, ja: 考え方}\n"
                    "  - {id: rest, points: 1, en: <b>The rest</b>}\n")  # fmt: skip

    def mark(*given: object) -> Any:
        return ours("mark", out, "aiko", "conv1d_out_size", *given, "--by", "kenta")

    assert "no rubric yet" in mark("--criterion", "idea").stderr
    shown = ours("rubric", out, "--from", file)
    assert shown.returncode == 1 and "nothing is laid down yet" in shown.stdout
    assert ours("rubric", out, "--from", file, "--apply").returncode == 0
    assert "idea: +0.5 The idea" in ours("rubric", out).stdout
    assert "0.5 / 2" in mark("--criterion", "idea").stdout
    assert "1.5 / 2" in mark("--criterion", "rest").stdout
    assert "did you mean rest" in mark("--criterion", "res").stderr
    assert "say with a comment" in mark("--adjust", 0.25).stderr
    assert "1.75 / 2" in mark("--adjust", 0.25, "--comment", "neat").stdout
    assert "1.25 / 2" in mark("--without", "idea").stdout
    assert "is not met" in mark("--without", "idea").stderr
    assert "one thing at a time" in mark("--criterion", "idea", "--points", 1).stderr
    assert mark("--undo").returncode == 0
    file.write_text(file.read_text().replace("0.5", "1"))
    shown = ours("rubric", out, "--from", file)
    assert shown.returncode == 1 and "1 gain, 0 lose" in shown.stdout, shown.stdout
    assert "aiko" in shown.stdout and "it stays" not in shown.stdout
    assert ours("rubric", out, "--from", file, "--apply").returncode == 0
    told = ours("why", out, "aiko", "conv1d_out_size").stdout
    for line in ("2 / 2, decided by a person", "+1 The idea (idea)", "by its rubric, 0.5 points",
                 "another rubric", "+0.25 by hand"):  # fmt: skip
        assert line in told, (line, told)
    page = (out / "pages" / "aiko.html").read_text("utf-8")
    assert "+1 The idea" in page and "&lt;b&gt;The rest" in page and "<b>The rest" not in page
    assert "kenta" not in page
    report = json.loads((out / "reports" / "aiko.json").read_text("utf-8"))
    jsonschema.validate(report, json.loads((ROOT / "specs" / "report.schema.json").read_text()))
    assert "The idea" in json.dumps(results(report))
    assert "+1 The idea" in (out / "moodle.csv").read_text("utf-8-sig")
    assert mark("--none-met").stdout.count("0 / 2")
    assert ours("rubric", out, "--to", tmp_path / "next.yaml").returncode == 0
    assert yaml.safe_load((tmp_path / "next.yaml").read_text("utf-8"))["conv1d_out_size"]


def test_why_points_are_on_top_is_said_once_and_stays_with_them(tmp_path: Path) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)
    decide(store, "ann", item="conv1d", points=4, reason="by hand")
    judge(store, "ann", "c1")
    judge(store, "ann", "c1", adjusted=1.0, reason="drawn")
    judge(store, "ann", "c1", "c2", adjusted=1.0)
    reasons = [one.reason for one in store.ledger.decisions() if one.kind == "criteria"]
    assert reasons == ["", "drawn", "drawn"]
    with pytest.raises(UsageError, match="say with a comment"):
        judge(store, "ann", "c1", adjusted=2.0)


def test_points_on_top_are_on_top_of_criteria_and_not_of_what_the_grader_gave(
    tmp_path: Path,
) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)
    with pytest.raises(UsageError, match="go with criteria"):
        judge(store, "ann", adjusted=0.5, reason="drawn")
    judge(store, "ann")
    judge(store, "ann", adjusted=0.5, reason="drawn")
    assert store.row("ann").marks.items["conv1d"].points == 0.5


def test_what_could_not_be_read_has_no_mark_again_when_its_only_criterion_is_gone(
    tmp_path: Path,
) -> None:
    store = graded(tmp_path)
    store.enrol(
        [*store.roll().values(), Enrolled(Handed("cid", "cid.pdf", Student("Cid")), "k", "f9", "s")]
    )
    store.keep("cid", Result("unreadable", "a pdf", "", 0, 0, 0))
    laid_down(store, ADDING)
    judge(store, "cid", "c1")
    assert (store.row("cid").marks.known, store.row("cid").marks.score) == (True, 2)
    (change,) = rubrics.changes(store, [rubrics.revised("cnn1", "conv1d", Rubric(), "aiko")])
    assert change.before.id == "cid" and change.items[0].after is None
    laid_down(store, Rubric())
    assert not store.row("cid").marks.known


def test_a_rubric_of_one_item_is_none_of_another(tmp_path: Path) -> None:
    store = graded(tmp_path)
    laid_down(store, ADDING)
    judge(store, "ann", "c1")
    assert store.row("ann").marks.items["bonus"].rubric is None
    assert marking.undo(store, store.row("ann"), "conv1d", "kenta").takes_back == 2
    decide(store, "ann", item="conv1d", points=4, reason="r")
    assert store.row("ann").marks.score == 4
