"""Running a course on a graded class: marks by people, grading again with its impact, publishing."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from graders.batch.discover import discover
from graders.batch.run import alone_in
from graders.batch.store import Result, Store
from graders.course.impact import compared
from tests import warm
from tests.batch_class import RIGHT, ROOT, WRONG, batch, notebook, zipped
from tests.class_copies import copied

ENGLISH = RIGHT.replace("# 【問題2】1次元畳み込み後の出力サイズの計算", "# Problem 2")
OTHER = """\
# two-dimensional convolution, MaxPool, max pooling
class MaxPool2D: ...
class Conv2d: ...
# Problem 4
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, d):
        return d.reshape(self.shape)
"""
POLICY = "name: {name}\nitems:\n  conv1d_out_size: {{points: {{forward: {points}}}}}\n"


def ours(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of ours, from the project's root."""
    return warm.run([sys.executable, "-m", "graders.cli", *map(str, arguments)])


def table(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a gradebook by id."""
    text = path.read_text(encoding="utf-8-sig")
    return {row["id"]: row for row in csv.DictReader(io.StringIO(text))}


def score(out: Path, id_: str) -> str:
    """The mark in the gradebook."""
    return table(out / "gradebook.csv")[id_]["score"]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in Canvas's layout: right and late, wrong and the second attempt, a pdf."""
    base = tmp_path_factory.mktemp("course")
    folder = base / "class"
    folder.mkdir()
    (folder / "ann_LATE_11_21_a.py").write_text(ENGLISH)
    (folder / "bob_12_22_a-1.ipynb").write_text(notebook(ENGLISH.replace(" + 1\n", "\n")))
    (folder / "cid_13_23_a.pdf").write_text("on paper")
    done = batch(folder, "--out", base / "out", "--lang", "en")
    assert done.returncode == 1, done.stderr
    return base


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of the class and of its results, for a test to change."""
    return copied(graded, tmp_path)


def resumed(course: Path, *more: object) -> subprocess.CompletedProcess[str]:
    """The class's `batch` command once more."""
    return batch(course / "class", "--out", course / "out", "--lang", "en", "--resume", *more)


@pytest.mark.xdist_group("test_course")
def test_late_and_attempt_are_kept(graded: Path) -> None:
    rows = table(graded / "out" / "gradebook.csv")
    assert [rows[i]["late"] for i in ("ann_11", "bob_12", "cid_13")] == ["LATE", "", ""]
    assert [rows[i]["attempt"] for i in ("ann_11", "bob_12")] == ["", "2"]
    assert "late" in (graded / "out" / "class.html").read_text("utf-8")


@pytest.mark.xdist_group("test_course")
def test_a_mark_is_everywhere_and_no_run_undoes_it(course: Path) -> None:
    out = course / "out"
    before = score(out, "bob_12")
    done = ours("mark", out, "bob", "conv1d_out_size", "--points", 1.5, "--reason", "<b>nearly</b>",
                "--comment", "see me", "--by", "kenta", "--lang", "en")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bob_12, conv1d_out_size: 1.5 / 2 (graded 0)" in done.stdout
    for _ in range(2):
        row = table(out / "gradebook.csv")["bob_12"]
        assert float(row["score"]) == float(before) + 1.5 == float(row["conv1d_out_size"])
        assert row["decided"].startswith("conv1d_out_size: 1.5 (graded 0)")
        assert re.search(r"bob,12,,,,1.5", (out / "canvas.csv").read_text("utf-8"))
        assert "1.5 / 2 <b>nearly</b>, see me" in (out / "moodle.csv").read_text("utf-8")
        page = (out / "pages" / "bob_12.html").read_text("utf-8")
        assert "decided by a person: 1.5 / 2" in page and "&lt;b&gt;nearly" in page
        assert "see me" in page and "kenta" not in page, "a student reads what, not who"
        report = json.loads((out / "reports" / "bob_12.json").read_text("utf-8"))
        jsonschema.validate(report, json.loads((ROOT / "specs" / "report.schema.json").read_text()))
        assert (report["score"], report["marks"]["score"]) == (0, 1.5)
        assert report["marks"]["items"][0]["by"] == "kenta"
        results = json.loads((out / "gradescope" / "bob_12.json").read_text("utf-8"))
        assert results["score"] == sum(t.get("score", 0) for t in results["tests"]) == 1.5
        html = (out / "class.html").read_text("utf-8")
        assert 'href="pages/bob_12.html"' in html and "1.5 / 28" in html
        # Handed in again: graded anew, and the person's mark stays.
        (course / "class" / "bob_12_22_a-1.ipynb").write_text(notebook(WRONG + "\nx = 1\n"))
        done = resumed(course)
    assert "handed in again since a person decided a mark, which stays: bob_12" in done.stdout
    assert table(out / "gradebook.csv")["bob_12"]["decided"].endswith("handed in again since")
    assert ours("mark", out, "bob", "conv1d_out_size", "--back", "--lang", "en").returncode == 0
    assert score(out, "bob_12") == before
    done = ours("mark", out, "bob", "conv1d_out_size", "--undo", "--lang", "en")
    assert done.returncode == 0 and "conv1d_out_size: 1.5 / 2" in done.stdout
    assert float(score(out, "bob_12")) == float(before) + 1.5
    done = ours("why", out, "bob", "conv1d_out_size", "--lang", "en")
    assert re.search(r"#3 .*: takes #2 back", done.stdout)


@pytest.mark.xdist_group("test_course")
def test_why_tells_what_was_handed_in_checked_and_decided(course: Path) -> None:
    out = course / "out"
    ours(
        "mark", out, "13", "conv1d_out_size", "--points", 2, "--reason", "on paper", "--by", "aiko"
    )
    done = ours("why", out, "cid", "conv1d_out_size", "--lang", "en")
    assert done.returncode == 0, done.stderr
    for line in (
        r"cid_13 \(cid, 13\): conv1d_out_size: 2 / 2, decided by a person \(#1\)",
        r"  20.*Z, sha256 [0-9a-f]{12}, cid_13_23_a.pdf, counts now",
        r"only a.pdf", r"    Scratch Grader \d", r"    counted since 20.*\(batch, ",
        r"  #1 20.* aiko: conv1d_out_size: 2 points \(sha256 ", r"    Reason: on paper",
    ):  # fmt: skip
        assert re.search(line, done.stdout), line
    whole = ours("why", out, "ann_11", "--lang", "ja").stdout
    assert "late" not in whole and "遅延" in whole and "seed" in whole and "NumPy" in whole
    wrong = ours("why", out, "ann_11", "conv1d_out")
    assert wrong.returncode == 2 and "did you mean conv1d_out_size?" in wrong.stderr


@pytest.mark.xdist_group("test_course")
def test_what_was_edited_in_a_table_is_put_aside_shown_and_kept_when_it_is_told(
    course: Path,
) -> None:
    out = course / "out"
    book = out / "gradebook.csv"
    rows = list(csv.reader(io.StringIO(book.read_text("utf-8-sig"))))
    names = rows[0]
    for row in rows:
        if row[0] == "bob_12":
            row[names.index("conv1d_out_size")], row[-1] = "1", "nearly"
    with book.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([[*rows[0], "mine"], *rows[1:]])
    edited = book.read_bytes()
    done = resumed(course)
    aside = out / "gradebook.edited-1.csv"
    assert aside.read_bytes() == edited and "kept as gradebook.edited-1.csv" in done.stdout
    assert score(out, "bob_12") == "0"
    said = ours("mark", out, "--from", aside, "--reason", "read", "--lang", "en")
    assert said.returncode == 1 and "bob_12, conv1d_out_size: 0 -> 1\nbob_12: nearly" in said.stdout
    assert "left out: column mine" in said.stderr and score(out, "bob_12") == "0"
    said = ours("mark", out, "--from", aside, "--reason", "read", "--apply", "--lang", "en")
    assert said.returncode == 0 and "decisions kept: 2" in said.stdout
    assert score(out, "bob_12") == "1"
    assert ours("mark", out, "--from", aside, "--reason", "read").returncode == 0, "nothing left"
    assert not list(out.glob("*.edited-2.csv")), "what we wrote ourselves is nobody's edit"
    aside.write_text("id,conv1d_out_size\nbob_12,1\nann_11,7\n")
    said = ours("mark", out, "--from", aside, "--reason", "r", "--apply")
    assert said.returncode == 2
    assert "gradebook.edited-1.csv, line 3: 7 points are more than the 2" in said.stderr


@pytest.mark.xdist_group("test_course")
def test_grading_again_shows_who_gains_and_loses_before_it_counts(course: Path) -> None:
    out, policy = course / "out", course / "policy.yaml"
    ours("mark", out, "bob", "conv1d_out_size", "--points", 1, "--reason", "r")
    policy.write_text(POLICY.format(name="less", points=1))
    before = (out / "gradebook.csv").read_bytes()
    done = ours("regrade", out, "--policy", policy, "--workers", 1)
    assert done.returncode == 1, done.stderr
    assert "1 lose" in done.stdout and "changed: the policy" in done.stdout
    assert "ann_11: 2 / 28 -> 1 / 27\n  conv1d_out_size: 2 / 2 (passed) -> 1 / 1" in done.stdout
    assert "1 / 2 (wrong) -> 1 / 1 (wrong) decided by a person: it stays" in done.stdout
    assert (out / "gradebook.csv").read_bytes() == before, "nothing counts yet"
    assert len(list(csv.reader((out / "impact.csv").open()))) > 1
    assert "conv1d_out_size" in (out / "impact.html").read_text("utf-8")
    policy.write_text(POLICY.format(name="more", points=4))
    done = ours("regrade", out, "--policy", policy, "--workers", 1, "--apply")
    assert done.returncode == 0 and "1 gain, 0 lose" in done.stdout
    rows = table(out / "gradebook.csv")
    assert [rows[i]["score"] for i in ("ann_11", "bob_12")] == ["4", "1"]
    assert rows["ann_11"]["max_score"] == "30"
    # Back to two points, but nobody is to lose: what would fall stays, and that is told.
    policy.write_text(POLICY.format(name="most", points=4) + "  conv1d: {points: {forward: 5}}\n")
    (course / "class" / "bob_12_22_a-1.ipynb").write_text(notebook(WRONG + "\nx = 2\n"))
    done = ours("regrade", out, "--policy", policy, "--workers", 1, "--never-lower", "--apply")
    assert "handed in again" in done.stdout and "bob_12" in done.stdout
    assert score(out, "ann_11") == "4"
    assert ours("regrade", out, "--workers", 1).returncode == 0, "the rules of now are kept"


@pytest.mark.xdist_group("test_course")
def test_nobody_falls_with_never_lower(course: Path) -> None:
    """A check that got stricter: the store says what was earned before, the specs of now say less."""
    out = course / "out"
    store = Store(out)
    roll = store.roll()["ann_11"]
    proposal = store.proposal()
    proposal.enrol([roll._replace(key="stricter")])
    report = json.loads(store.report("ann_11"))
    row = store.row("ann_11")
    items = [[n, "failed" if n == "conv1d_out_size" else s, 0, m] for n, s, _, m in
             row.summary["items"]]  # fmt: skip
    for item in report["items"]:
        if item["id"] == "conv1d_out_size":
            item |= {"status": "failed", "score": 0, "message": "stricter now", "checks": []}
    proposal.keep("ann_11", Result("graded", "", "cnn1", 0.0, 28.0, 1.0,
                                   {**row.summary, "items": items}, json.dumps(report)))  # fmt: skip
    (change,) = compared(store, proposal, never_lower=False)
    assert (change.difference, change.items[0].said_after) == (-2, ("stricter now",))
    (change,) = compared(store, proposal, never_lower=True)
    assert (change.difference, change.items[0].kept) == (0, True)
    store.ledger.add(change.floors("kenta"))
    store.apply(["ann_11"], "regrade", "kenta")
    mark = store.row("ann_11").marks.items["conv1d_out_size"]
    assert (mark.points, mark.graded.points, mark.by) == (2, 0, None)
    store.close()


@pytest.mark.xdist_group("test_course")
def test_what_was_published_changes_only_by_people_new_hand_ins_and_apply(course: Path) -> None:
    out, policy = course / "out", course / "policy.yaml"
    done = ours("publish", out, "--note", "Canvas", "--lang", "en")
    assert done.returncode == 0 and "3 marks" in done.stdout, done.stderr
    assert table(out / "gradebook.csv")["ann_11"]["published"] == "2"
    policy.write_text(POLICY.format(name="more", points=4))
    (course / "class" / "bob_12_22_a-1.ipynb").write_text(notebook(ENGLISH + "\nx = 3\n"))
    done = resumed(course, "--policy", policy)
    assert "1 stay as they were published" in done.stderr and "regrade" in done.stderr
    assert (score(out, "ann_11"), score(out, "bob_12")) == ("2", "4")
    assert "changed since it was published: bob_12: 0 -> 4 of 30" in done.stdout
    done = ours("regrade", out, "--workers", 1, "--apply")
    assert done.returncode == 0 and score(out, "ann_11") == "4"
    assert table(out / "gradebook.csv")["ann_11"]["published"] == "2"


@pytest.mark.xdist_group("test_course")
def test_a_decision_during_a_run_is_kept_and_shown_when_it_ends(course: Path) -> None:
    out = course / "out"
    with alone_in(out):
        done = ours("mark", out, "bob", "conv1d_out_size", "--points", 1, "--reason", "r")
        assert done.returncode == 0 and "a run is at work" in done.stderr
        assert score(out, "bob_12") == "0"
    assert resumed(course).returncode == 1 and score(out, "bob_12") == "1"
    assert "decided by a person" in (out / "pages" / "bob_12.html").read_text("utf-8")


@pytest.mark.xdist_group("test_course")
def test_bad_input_of_the_commands_is_one_sentence(course: Path) -> None:
    out = course / "out"
    wrong = [
        (("mark", course, "ann", "conv1d", "--points", 1), "no graded class in it"),
        (("mark", out), "say whose mark it is"),
        (("mark", out, "--worth", "conv1d"), "say ITEM=N"),
        (("mark", out, "--worth", "nothing=3"), "no sprint of this class has an item nothing"),
        (("mark", out, "ann", "--from", out / "gradebook.csv"), "name none beside it"),
        (("mark", out, "--from", out / "none.csv"), "can't be read"),
        (("mark", out, "--from", out / "class.md"), "no column id, number, email or name"),
        (("regrade", out, "--submissions", course / "none"), "say with --submissions where"),
        (("regrade", out, "--workers", 0), "must be from 1"),
    ]  # fmt: skip
    for arguments, words in wrong:
        done = ours(*arguments)
        assert done.returncode == 2 and words in done.stderr, (arguments, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    done = ours("mark", out, "annn", "conv1d", "--points", 1, "--lang", "ja")
    assert "annのことですか？" in done.stderr


@pytest.mark.xdist_group("test_course")
def test_several_sprints_and_items_for_a_person(tmp_path: Path) -> None:
    """Two sprints in one class: each student's own maximum, tables of their own; a survey is graded by
    a person once it is said what it is worth.
    """
    archive = zipped(tmp_path / "class.zip", {
        "ann.py": ENGLISH + "\nclass SimpleConv1d: ...\nclass Conv1d: ...\n", "bob.py": OTHER, "cid/": "",
    })  # fmt: skip
    out = tmp_path / "out"
    done = ours("batch", archive, "--out", out, "--lang", "en", "--workers", 1)
    assert done.returncode == 1, done.stderr
    assert "submissions of several sprints (cnn1: 1, cnn2: 1)" in done.stdout
    rows = table(out / "gradebook.csv")
    most = {i: float(rows[i]["max_score"]) for i in ("ann", "bob")}
    assert set(rows) == {"ann", "bob", "cid"} and most["ann"] != most["bob"]
    assert not (out / "canvas.csv").exists()
    for sprint, mine, other in (("cnn1", "ann", "bob"), ("cnn2", "bob", "ann")):
        assert set(table(out / f"gradebook-{sprint}.csv")) == {mine, "cid"}
        canvas = (out / f"canvas-{sprint}.csv").read_text("utf-8")
        assert f"Points Possible,,,,,{most[mine]:g}" in canvas and other not in canvas
        moodle = (out / f"moodle-{sprint}.csv").read_text("utf-8")
        assert f",{most[mine]:g}," in moodle and f",{most[other]:g}," not in moodle
    assert "submissions of several sprints" in (out / "class.html").read_text("utf-8")
    assert ours("mark", out, "--worth", "model_survey=5", "--lang", "en").returncode == 0
    rows = table(out / "gradebook.csv")
    assert rows["bob"]["waits_for_a_person"] == "model_survey" and rows["bob"]["model_survey"] == ""
    assert float(rows["bob"]["max_score"]) == most["bob"] + 5
    assert float(rows["ann"]["max_score"]) == most["ann"]
    assert "waits for a person" in (out / "pages" / "bob.html").read_text("utf-8")
    assert ours("mark", out, "bob", "model_survey", "--points", 4).returncode == 0
    assert float(table(out / "gradebook.csv")["bob"]["score"]) == float(rows["bob"]["score"]) + 4


# -- what a learning system says of a submission -------------------------------------------------

LAYOUTS: dict[str, tuple[dict[str, str], dict[str, tuple[bool, int]]]] = {
    "canvas": (
        {"ann_LATE_1_11_a-2.py": "x", "bob_2_12_a.pdf": "", "anon_LATE_q1_13_a.py": "x",
         "dan_4_14_a-v2.py": "x", "eve_5_15_a.py": "x", "eve_LATE_5_16_b.py": "x"},
        {"ann_1": (True, 3), "bob_2": (False, 0), "anon_q1": (True, 0), "dan_4": (False, 0),
         "eve_5": (True, 0)},
    ),
    "gradescope": (
        {"submission_metadata.yml": "submission_7:\n  :submitters:\n  - :name: Ann\n  :history:\n"
         "  - :id: 3\n  - :id: 7\nsubmission_8:\n  :submitters:\n  - :name: Bob\n  :history: none\n",
         "submission_7/a.py": "x", "submission_8/a.py": "x"},
        {"Ann_7": (False, 2), "Bob_8": (False, 1)},
    ),
    "plain": (
        {"ann.py": "x", "LATE_bob.py": "x", "cid-1.py": "x"},  # names of files, nobody's word
        {"ann": (False, 0), "LATE_bob": (False, 0), "cid-1": (False, 0)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_late_and_attempt_are_what_the_learning_system_says(tmp_path: Path, layout: str) -> None:
    files, expected = LAYOUTS[layout]
    for name, text in files.items():
        (tmp_path / "class" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "class" / name).write_text(text)
    found = discover(str(tmp_path / "class"))
    assert found.layout == layout
    assert {one.id: (one.late, one.attempt) for one in found.handed} == expected


def test_a_manifest_says_who_is_late(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.py").write_text("x")
    rows = "path,id,late,attempt\na.py,1,LATE,2\nb.py,2,no,x\nc.py,3,,\n"
    (tmp_path / "class.csv").write_text(rows)
    found = discover(str(tmp_path / "class.csv"))
    assert [(o.late, o.attempt) for o in found.handed] == [(True, 2), (False, 0), (False, 0)]
