"""No student's file changes another's mark, and everybody has a row with a reason."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from graders.batch import layouts
from graders.batch.discover import discover, is_class
from graders.batch.model import Found
from graders.batch.outputs import write_outputs
from graders.batch.run import grade_class, opened
from graders.batch.staging import fingerprint
from graders.batch.store import Row
from graders.batch.work import grade_task, settings_of
from graders.binding.overrides import find_overrides
from graders.engine import choose_sprint, other_sprint
from graders.errors import UsageError
from graders.grading import Grading, OtherSprint, Request
from graders.messages import Language
from graders.report.words import note_of
from graders.submission import read_submission
from tests.batch_class import RIGHT, WRONG, batch, notebook, report, zipped
from tests.built_in import built_in_sprints
from tests.test_batch_discover import ids, lay
from tests.test_batch_run import Heard
from tests.test_pytest_class import run as run_pytest

BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join(9 * [f'*a{n - 1}'])}]\n" for n in range(1, 10)
)
STEALING = """\
mallory.py: {":submitters": [{":name": Alice Example, ":sid": "101"}]}
alice.py: {":submitters": [{":name": Mallory, ":sid": "103"}]}
"""
TAKES_ALL = "items:\n  conv1d_out_size: {name: Mallory}\n"
DNN = notebook("# 【問題1】全結合層のクラス化\nclass FC: ...\nclass SimpleInitializer: ...\n"
               "class SGD: ...\nclass Tanh: ...\nclass AdaGrad: ...\nclass ReLU: ...\n"
               "class XavierInitializer: ...\nclass HeInitializer: ...\n"
               "class ScratchDeepNeuralNetrowkClassifier: ...\n" * 3)  # fmt: skip


def refused(found: Found, language: Language = "en") -> dict[str, str]:
    """Why there is nothing to grade, by id; "" where there is."""
    return {h.id: h.refused.in_language(language) if h.refused else "" for h in found.handed}


def both(tmp_path: Path, files: dict[str, str]) -> list[Found]:
    """The same class as a folder and as an archive: a name that ends with a slash is a folder's."""
    folder = tmp_path / "class"
    lay(folder, {n: t for n, t in files.items() if not n.endswith("/")})
    for name in files:
        (folder / name).mkdir(parents=True, exist_ok=True) if name.endswith("/") else None
    return [discover(str(folder)), discover(str(zipped(tmp_path / "class.zip", files)))]


# -- one student's file steers nothing but its own grading -------------------------------------


def test_a_name_of_moodles_in_an_export_of_canvas_is_one_students_file(tmp_path: Path) -> None:
    files = {
        "alice_101_9001_work.py": RIGHT, "bob_102_9002_work.py": RIGHT,
        "mallory_103_9003_my_assignsubmission_file_work.py": "x = 1",
    }  # fmt: skip
    for found in both(tmp_path, files):
        assert (found.layout, ids(found)) == ("canvas", ["alice_101", "bob_102", "mallory_103"])
        assert all(h.refused is None for h in found.handed)


def test_a_name_of_moodles_in_a_plain_folder_is_one_students_file(tmp_path: Path) -> None:
    files = {"alice.py": RIGHT, "bob.py": RIGHT, "mallory_assignsubmission_file_.py": "x = 1"}
    for found in both(tmp_path, files):
        assert found.layout == "plain"
        assert ids(found) == ["alice", "bob", "mallory_assignsubmission_file"]


@pytest.mark.parametrize("layout", ["auto", "moodle"])
def test_what_does_not_fit_an_export_is_told_and_has_its_row(tmp_path: Path, layout: str) -> None:
    files = {
        "Ann A_1_assignsubmission_file_/work.py": RIGHT,
        "Bob B_2_assignsubmission_file_/work.py": WRONG,
        "late.py": RIGHT, "Grades-Sprint 11.csv": "Identifier,Grade",
    }  # fmt: skip
    for found in (discover(str(lay(tmp_path / "class", files)), layout),):
        assert (found.layout, ids(found)) == ("moodle", ["Ann_A_1", "Bob_B_2", "late"])
        assert [n for n in found.notes if "late.py" in n and "submission of its own" in n]
        assert [n for n in found.notes if "Grades-Sprint 11.csv" in n and "left out" in n]
    few = {"Ann A_1_assignsubmission_file_/work.py": RIGHT, "b.py": RIGHT, "c.py": RIGHT}
    found = discover(str(lay(tmp_path / "few", few)), layout)
    assert (found.layout, len(found.handed)) == (layout.replace("auto", "plain"), 3)


def test_names_that_merge_into_few_students_are_not_taken_for_canvas(tmp_path: Path) -> None:
    files = {f"{who}_11_2_conv.py": RIGHT for who in ("alice", "bob", "cid")}
    found = discover(str(lay(tmp_path / "class", files)))
    assert (found.layout, len(found.handed)) == ("plain", 3)


@pytest.mark.parametrize("metadata", [STEALING, BOMB])
def test_metadata_counts_in_an_export_of_gradescope_only(tmp_path: Path, metadata: str) -> None:
    files = {"alice.py": RIGHT, "mallory.py": "x = 1", "submission_metadata.yml": metadata}
    for found in both(tmp_path, files):
        assert (found.layout, ids(found)) == ("plain", ["alice", "mallory"])
        assert [h.student.name for h in found.handed] == ["alice", "mallory"]
        assert found.notes == ("left out, not a submission: submission_metadata.yml",)
    folder = tmp_path / "class"
    assert not is_class(str(folder))
    (folder / "submission_1").mkdir()  # a third of the class does not make it an export
    assert discover(str(folder)).layout == "plain"


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        (BOMB + "submission_1: {':submitters': [{':name': *a9}]}", r"an alias \(\*a0\)"),
        ("submission_1: " + 40 * "[" + 40 * "]", "too deeply nested"),
        ("submission_1: {':submitters': " + 40 * "{a: " + 40 * "}" + "}", "too deeply nested"),
        ("? [a]\n: b", "a key that is no word"),
        ("submission_1: 'open", "found unexpected end of stream"),
    ],
)
def test_metadata_is_read_within_limits(tmp_path: Path, metadata: str, why: str) -> None:
    files = {"submission_1/a.py": RIGHT, "submission_metadata.yml": metadata}
    folder = lay(tmp_path / "class", files)
    with pytest.raises(UsageError, match=rf"submission_metadata\.yml can't be read .*{why}"):
        discover(str(folder))


def test_metadata_is_text_whatever_it_looks_like(tmp_path: Path) -> None:
    metadata = "submission_1: {':submitters': [{':name': No, ':sid': 0123, ':email': ~}]}"
    files = {"submission_1/a.py": RIGHT, "submission_2/a.py": RIGHT,
             "submission_metadata.yml": metadata}  # fmt: skip
    one, two = discover(str(lay(tmp_path / "class", files))).handed
    assert (one.id, one.student.number, one.student.email) == ("No_1", "0123", "")
    assert two.id == "submission_2"


def test_an_overrides_file_among_the_files_of_a_class_is_nobodys(tmp_path: Path) -> None:
    files = {"bob.py": RIGHT, "mallory.py": "class Mallory: pass", "overrides.yaml": TAKES_ALL}
    folder = lay(tmp_path / "class", files)
    found = discover(str(folder))
    assert ids(found) == ["bob", "mallory"]
    assert found.notes == ("left out, not a submission: overrides.yaml",)
    before = fingerprint(found.handed[0])
    task, settings = found.handed[0].task(), settings_of(Request(folder, sprint="cnn1"))
    item = item_of(grade_task({**task, "items": ["conv1d_out_size"]}, settings))
    assert (item["status"], item["binding"]["name"]) == ("passed", "output_size")
    (folder / "overrides.yaml").unlink()
    assert fingerprint(found.handed[0]) == before


def item_of(result: dict[str, Any], name: str = "conv1d_out_size") -> dict[str, Any]:
    """An item in the report of a result."""
    items = json.loads(result["report"])["items"]
    return next(i for i in items if i["id"] == name)


def test_in_a_class_only_the_instructors_overrides_count(tmp_path: Path) -> None:
    files = {"a.py": "# 問題2\n" + RIGHT + "def Mallory(n_in, padding, filter_size, stride):\n    return 0\n",
             "b.py": "x = 1\n", "overrides.yaml": TAKES_ALL}  # fmt: skip
    folder = lay(tmp_path / "class" / "ann", files)
    (handed,) = discover(str(tmp_path / "class")).handed
    task = {**handed.task(), "items": ["conv1d_out_size"]}
    request = Request(folder, sprint="cnn1", language="en")
    result = grade_task(task, settings_of(request))
    assert item_of(result)["binding"]["name"] == "output_size"
    notes = json.loads(result["report"])["load"]["notes"]
    assert any("in a class only --overrides does" in n for n in notes)
    mine = lay(tmp_path, {"mine.yaml": TAKES_ALL}) / "mine.yaml"
    request = Request(folder, sprint="cnn1", language="en", overrides=mine)
    assert item_of(grade_task(task, settings_of(request)))["binding"]["name"] == "Mallory"


def test_overrides_that_are_a_link_or_have_aliases_are_not_read(tmp_path: Path) -> None:
    sprints = built_in_sprints()
    folder = lay(tmp_path / "ann", {"a.py": RIGHT})
    real = lay(tmp_path, {"real.yaml": TAKES_ALL}) / "real.yaml"
    (folder / "overrides.yaml").symlink_to(real)
    found, why = find_overrides(None, folder, sprints)
    assert not found.items and "a link" in why
    assert "link" in note_of(f"overrides ignored: {why}").in_language("en")
    (folder / "overrides.yaml").unlink()
    (folder / "overrides.yaml").write_text(
        "items:\n  conv1d: &x {name: A}\n  simple_conv1d: *x\n", "utf-8"
    )
    found, why = find_overrides(None, folder, sprints)
    assert not found.items and "line 3: an alias (*x); write it out" in why
    found, why = find_overrides(folder / "overrides.yaml", folder, sprints)
    assert len(found.items) == 2, "the instructor's may have them"


# -- names -------------------------------------------------------------------------------------


def test_files_of_one_stem_are_told_apart_even_where_one_is_called_as_another_would_be(
    tmp_path: Path,
) -> None:
    folder = lay(tmp_path / "class", {"alice.py": RIGHT, "m.ipynb": notebook("x = 1"), "m.py": ""})
    first = ids(discover(str(folder)))
    (folder / f"{first[2]}.py").write_text("x = 2")  # the name that m.py had to take
    found = ids(discover(str(folder)))
    assert len({i.casefold() for i in found}) == 4 and "alice" in found
    assert found == ids(discover(str(folder)))


def test_a_report_beside_a_notebook_of_its_name_is_no_second_student(tmp_path: Path) -> None:
    files = {"ann.ipynb": notebook(RIGHT), "ann.pdf": "", "bob.pdf": "", "cid.tar.gz": ""}
    for found in both(tmp_path, files):
        assert ids(found) == ["ann", "bob", "cid"]
        assert [n for n in found.notes if "ann.pdf" in n]


# -- everybody has a row -----------------------------------------------------------------------

NOT_GRADED = {
    "empty/": ("", "nothing was handed in"),
    "inner/data/": ("", "nothing was handed in"),
    "chk/.ipynb_checkpoints/work-checkpoint.ipynb": (notebook(RIGHT), "only a copy that Jupyter"),
    "dots/.work.py": (RIGHT, "only hidden files"),
    "pdf/work.pdf": ("%PDF", "no notebook .* only work.pdf"),
    "rar/work.rar": ("Rar!", "work.rar: an archive of a kind .* .zip"),
    "tgz/work.tar.gz": ("", "work.tar.gz: an archive of a kind"),
    "txt/work.ipynb.txt": (notebook(RIGHT), "work.ipynb.txt: rename it to work.ipynb"),
    "json/work.json": (notebook(RIGHT), "only work.json"),
}


def test_what_is_nothing_to_grade_has_a_reason_in_each_language(tmp_path: Path) -> None:
    files = {name: text for name, (text, _) in NOT_GRADED.items()} | {"ann/work.py": RIGHT}
    for found in both(tmp_path, files):
        assert found.layout == "plain"
        said, japanese = refused(found), refused(found, "ja")
        assert len(said) == len(files) and said.pop("ann") == ""
        for name, (_, why) in NOT_GRADED.items():
            who = name.partition("/")[0]
            assert re.search(why, said[who]), who
            assert re.search("[\u3041-\u9fff]", japanese[who]), who


def test_links_and_what_is_no_file_have_their_rows(tmp_path: Path) -> None:
    secret = lay(tmp_path, {"secret.py": RIGHT}) / "secret.py"
    folder = lay(tmp_path / "class", {"ann.py": RIGHT, "inside/notes.txt": ""})
    (folder / "file.py").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    (folder / "within").mkdir()
    (folder / "within" / "work.ipynb").symlink_to(secret)
    os.mkfifo(folder / "pipe.py")
    said = refused(discover(str(folder)))
    assert {who for who, why in said.items() if "is a link" in why} == {"file", "folder", "within"}
    assert "can't be read here" in said["pipe"] and "only notes.txt" in said["inside"]
    said = refused(discover(str(folder / "*.py")))
    assert "is a link" in said["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_has_its_row(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {"ann.py": RIGHT, "shut/work.py": RIGHT})
    (folder / "shut").chmod(0)
    try:
        assert "can't be read here" in refused(discover(str(folder)))["shut"]
    finally:
        (folder / "shut").chmod(0o700)


def test_in_an_export_of_moodle(tmp_path: Path) -> None:
    files = {
        "Ann A_1_assignsubmission_file_/work.ipynb": notebook(RIGHT),
        "Bob B_2_assignsubmission_file_/report.pdf": "%PDF",
        "Cy C_3_assignsubmission_onlinetext_/onlinetext.html": "<p>hello</p>",
        "Di D_4_assignsubmission_file_/work.ipynb.txt": "",
        "Ed E_5_assignsubmission_file_/.ipynb_checkpoints/work-checkpoint.ipynb": "{}",
        "Fay F_6_assignsubmission_file_/": "",
        "Gus G_7_assignsubmission_onlinetext_/onlinetext.html": "<p>see the file</p>",
        "Gus G_7_assignsubmission_file_/work.py": RIGHT,
    }
    for found in both(tmp_path, files):
        said = refused(found)
        assert found.layout == "moodle"
        assert [who for who, why in said.items() if not why] == ["Ann_A_1", "Gus_G_7"]
        assert "typed in" in said["Cy_C_3"] and "only report.pdf" in said["Bob_B_2"]
        assert "nothing was handed in" in said["Fay_F_6"] and "rename" in said["Di_D_4"]
        assert [h.student.number for h in found.handed] == ["1", "2", "3", "4", "5", "6", "7"]


def test_in_the_other_exports(tmp_path: Path) -> None:
    canvas = {"ann_1_11_a.py": RIGHT, "bob_2_12_report.pdf": "", "cid_3_13_work.rar": ""}
    for found in both(tmp_path / "canvas", canvas):
        said = refused(found)
        assert (found.layout, said["ann_1"]) == ("canvas", "")
        assert "only report.pdf" in said["bob_2"] and "pack it as .zip" in said["cid_3"]
    gradescope = {"submission_metadata.yml": "{}", "submission_1/a.py": RIGHT, "submission_2/": "",
                  "submission_3/a.pdf": ""}  # fmt: skip
    for found in both(tmp_path / "gradescope", gradescope):
        said = refused(found)
        assert found.layout == "gradescope" and not said["submission_1"]
        assert "nothing was" in said["submission_2"] and "only a.pdf" in said["submission_3"]
    classroom = lay(tmp_path / "classroom", {"s11-ann/a.py": RIGHT, "s11-bob/README.md": ""})
    for name in ("s11-ann", "s11-bob", "s11-cid"):
        (classroom / name / ".git").mkdir(parents=True)
    found = discover(str(classroom))
    assert (found.layout, ids(found)) == ("classroom", ["ann", "bob", "cid"])
    assert [bool(why) for why in refused(found).values()] == [False, True, True]
    lay(tmp_path, {"x/a.py": RIGHT, "x/b.pdf": "", "class.csv": "path,id\nx/a.py,1\nx/b.pdf,2\n"})
    assert "only b.pdf" in refused(discover(str(tmp_path / "class.csv")))["2"]


def test_a_class_of_nothing_but_rows_is_a_class(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {"ann.pdf": "", "bob.txt": ""})
    assert ids(discover(str(folder))) == ["ann", "bob"]
    with pytest.raises(UsageError, match="no submission in it"):
        discover(str(lay(tmp_path / "none", {"README.md": "", "table.csv": ""})))


def test_every_row_is_everywhere_and_in_the_pages_language(tmp_path: Path) -> None:
    files = {
        "ann.py": RIGHT.replace("# 【問題2】", "# " + 3 * "これは日本語の提出物です。" + "\n# 【問題2】"),
        "utf16/work.py": "", "pdf/work.pdf": "%PDF", "bad.zip": "no archive", "dnn.ipynb": DNN,
    }  # fmt: skip
    folder = lay(tmp_path / "class", files)
    (folder / "empty").mkdir()
    (folder / "utf16" / "work.py").write_bytes(RIGHT.encode("utf-16"))
    out = tmp_path / "out"
    done = batch(folder, "--out", out)
    assert done.returncode == 1, done.stderr
    assert "2 of 6 graded" in done.stdout
    text = (out / "gradebook.csv").read_text("utf-8-sig")
    reasons = {r["id"]: r["reason"] for r in csv.DictReader(io.StringIO(text))}
    assert [i for i, why in reasons.items() if not why] == ["ann", "utf16"]
    page, markdown = ((out / n).read_text("utf-8") for n in ("class.html", "class.md"))
    moodle = {r["Full name"]: r["Feedback comments"] for r in csv.DictReader(
        io.StringIO((out / "moodle.csv").read_text("utf-8-sig")))}  # fmt: skip
    for id_, why in reasons.items():
        assert (out / "reports" / f"{id_}.json").exists()
        if why:
            assert f"<code>{id_}</code>" in page
            assert re.search("[\u3041-\u9fff]", why), why
            assert f"not graded: {id_}: {why}" in done.stdout
            assert why in page and moodle[id_] == why
            assert why.split("（")[0].split(".")[0] in markdown
    assert "保留" in page and "--insist-sprint grades it, too" in done.stdout
    assert next(i for i in report(out, "utf16")["items"] if i["id"] == "conv1d_out_size")[
        "status"
    ] == "passed"  # fmt: skip
    done = batch(folder, "--out", out, "--resume", "--insist-sprint")
    assert "3 of 6 graded" in done.stdout
    assert report(out, "dnn")["error"] is None


# -- another sprint's --------------------------------------------------------------------------


def test_what_looks_like_another_sprints_is_told_or_put_aside(tmp_path: Path) -> None:
    file = lay(tmp_path, {"work.ipynb": DNN}) / "work.ipynb"
    request = Request(file, sprint="cnn1")
    told = Grading(request)
    told.close()
    assert "looks like dnn, graded as cnn1" in told.submission.notes
    assert "dnn" in note_of("looks like dnn, graded as cnn1").in_language("ja")
    with pytest.raises(OtherSprint, match="looks like dnn, not like cnn1: put aside"):
        Grading(request, of_class=True)
    for silent in (Request(file, sprint="cnn1", insist_sprint=True), Request(file, sprint="dnn")):
        grading = Grading(silent, of_class=True)
        grading.close()
        assert not grading.submission.notes


def test_nothing_is_put_aside_that_speaks_of_its_own_sprint(tmp_path: Path) -> None:
    sprints = built_in_sprints()
    folder = Path(__file__).resolve().parent.parent / "submissions"
    asked = 0
    for expected in folder.glob("*/*.expected.yaml"):
        stem = expected.name.removesuffix(".expected.yaml")
        for path in (p for p in expected.parent.glob(f"{stem}*") if p != expected):
            submission = read_submission(path)
            try:
                own = choose_sprint(submission, "auto", sprints)
            except UsageError:
                continue
            asked += 1
            assert other_sprint(submission, own, sprints) is None, path.name
    assert asked > 15
    mixed = lay(tmp_path, {"two.ipynb": notebook(
        "class FC: ...\nclass SGD: ...\nclass AdaGrad: ...\n" * 6,
        "class SimpleConv1d: ...\nclass Conv1d: ...\n# 1次元畳み込み\n" * 6)}) / "two.ipynb"  # fmt: skip
    submission = read_submission(mixed)
    assert other_sprint(submission, sprints["cnn1"], sprints) is None


def test_a_class_in_which_nobody_can_be_graded_needs_no_worker(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {"ann.pdf": "", "bob.txt": ""})
    request = Request(folder, sprint="cnn1", language="ja")
    heard = Heard()

    class Nobody:
        free = 0

        def outcome(self, seconds: float) -> None:
            raise AssertionError("nothing was handed out")

    with opened(discover(str(folder)), tmp_path / "out", request, False) as graded:
        grade_class(graded, Nobody(), heard)  # type: ignore[arg-type]
        write_outputs(graded)
        rows: list[Row] = list(graded.store.rows())
    assert heard.finished_ids == ["ann", "bob"]
    assert [r.status for r in rows] == ["unreadable"] * 2
    assert "ann.pdf" in rows[0].reason_in("ja") and rows[0].reason_in("ja") != rows[0].reason
    assert "ann.pdf" in report(tmp_path / "out", "ann")["error"]


def test_the_layouts_that_can_be_asked_for() -> None:
    assert set(layouts.LAYOUTS) == {
        "auto", "gradescope", "moodle", "canvas", "nbgrader", "classroom", "plain",
    }  # fmt: skip


def test_pytest_has_a_row_for_everybody_as_well(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {
        "ann/a.py": RIGHT, "bob/a.ipynb": notebook(RIGHT), "pdf/work.pdf": "", "dnn/a.ipynb": DNN,
    })  # fmt: skip
    (folder / "link").symlink_to(tmp_path)
    done = run_pytest(folder, "-k", "submission or (ann and conv1d_out_size)", "--lang", "en")
    assert done.returncode == 1, done.stdout + done.stderr
    for line in (
        "pdf: no notebook (.ipynb) and no module (.py) in it, only work.pdf",
        "dnn: this looks like dnn, not like cnn1: put aside, not graded",
        "link: link is a link, and links are not followed",
    ):
        assert f"\n{line}" in done.stdout, line
    assert re.search(r"\b3 failed", done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ipynb", b"{ no notebook"), ("a.ipynb", b"{}"), ("a.ipynb", b'{"cells": 1}'),
        ("a.ipynb", b""), ("a.zip", b"PK"), ("in/hw.zip", b"no archive"), ("a.py", b"# nothing\n"[:0]),
    ],
)  # fmt: skip
def test_what_can_not_be_read_has_its_reason_in_japanese_too(
    tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / "class" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (handed,) = discover(str(tmp_path / "class")).handed
    done = grade_task(handed.task(), settings_of(Request(file, sprint="cnn1", language="ja")))
    reason = done["summary"]["reason"]
    assert (done["status"], done["reason"]) == ("unreadable", reason["en"])
    assert re.search("[\u3041-\u9fff]", reason["ja"]) and not re.search(
        "[\u3041-\u9fff]", reason["en"]
    )
    assert str(tmp_path) not in reason["ja"] + reason["en"]
    assert json.loads(done["report"])["error"] == reason["ja"]
