"""What a class is found to be: folders, exports of learning systems, manifests, globs."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from graders.batch.discover import discover, slug
from graders.batch.model import Found, Handed
from graders.batch.staging import fingerprint, stage
from graders.errors import UsageError
from graders.submission import read_submission
from tests.batch_class import RIGHT, WRONG, notebook, zipped

CODE = {"a.ipynb": notebook(RIGHT), "b.py": WRONG}


def lay(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def both(tmp_path: Path, files: dict[str, str]) -> list[Found]:
    """The same class as a folder, and as an archive with one folder at the top."""
    folder = lay(tmp_path / "class", files)
    packed = zipped(tmp_path / "class.zip", {f"export/{n}": t for n, t in files.items()})
    return [discover(str(folder)), discover(str(packed))]


def ids(found: Found) -> list[str]:
    """The ids, in order."""
    return [h.id for h in found.handed]


def code(handed: Handed, folder: Path) -> str:
    """The code of a submission, read as a worker reads it."""
    folder.mkdir(parents=True)
    return read_submission(handed.whole or stage(list(handed.parts), folder)).text


def test_one_file_or_one_folder_a_student(tmp_path: Path) -> None:
    files = {
        "suzuki.ipynb": notebook(RIGHT), "佐藤.py": WRONG, "tanaka/a.ipynb": notebook(RIGHT),
        "tanaka/data/x.csv": "1", "README.txt": "", ".hidden/a.py": RIGHT,
    }  # fmt: skip
    for number, found in enumerate(both(tmp_path, files)):
        assert found.layout == "plain"
        assert ids(found) == ["suzuki", "tanaka", "佐藤"]
        assert [n for n in found.notes if "README.txt" in n]
        assert code(found.handed[2], tmp_path / f"w{number}").strip() == WRONG.strip()


def test_the_same_name_twice_is_told_apart_by_its_place(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {"a.py": RIGHT, "a.ipynb": notebook(RIGHT), "A.PY": WRONG})
    found = discover(str(folder))
    assert len(set(map(str.casefold, ids(found)))) == 3
    assert ids(found) == ids(discover(str(folder)))
    (folder / "a.ipynb").unlink()
    assert set(ids(discover(str(folder)))) < set(ids(found))


def test_canvas(tmp_path: Path) -> None:
    files = {
        "doejane_1234_98765_sprint.ipynb": notebook(RIGHT),
        "doejane_1234_98766_helper-2.py": WRONG,
        "roejohn_LATE_4321_98767_sprint-1.ipynb": notebook(RIGHT),
        "山田太郎_55_98768_report.pdf": "no code",
    }
    for number, found in enumerate(both(tmp_path, files)):
        assert found.layout == "canvas"
        assert ids(found) == ["doejane_1234", "roejohn_4321", "山田太郎_55"]
        assert [h.student.number for h in found.handed] == ["1234", "4321", "55"]
        assert sorted(p.name for p in found.handed[0].parts) == ["helper.py", "sprint.ipynb"]
        assert "output_size" in code(found.handed[0], tmp_path / f"w{number}")
    anonymous = {f"anon_{n}x{n}_9{n}_a.py": RIGHT for n in range(3)}
    assert ids(discover(str(lay(tmp_path / "anonymous", anonymous)))) == [
        "anon_0x0", "anon_1x1", "anon_2x2",
    ]  # fmt: skip


def test_names_with_numbers_are_not_taken_for_canvas(tmp_path: Path) -> None:
    files = {"sprint_11_2_alice.py": RIGHT, "sprint_11_2_bob.py": WRONG}
    found = discover(str(lay(tmp_path / "class", files)))
    assert (found.layout, len(found.handed)) == ("plain", 2)


def test_moodle_folders_and_files(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"work/a.py": RIGHT}).read_bytes().decode("latin-1")
    files = {
        "Jane Doe_12_assignsubmission_file_/a.ipynb": notebook(RIGHT),
        "Jane Doe_12_assignsubmission_onlinetext_/onlinetext.html": "hello",
        "山田 太郎_13_assignsubmission_file_/b.py": WRONG,
        "Empty Hand_14_assignsubmission_file_/notes.txt": "sorry",
    }
    for found in both(tmp_path, files):
        assert found.layout == "moodle"
        assert ids(found) == ["Empty_Hand_14", "Jane_Doe_12", "山田_太郎_13"]
        assert found.handed[1].student.name == "Jane Doe"
    flat = lay(tmp_path / "flat", {"Jane Doe_12_assignsubmission_file_a.py": RIGHT})
    (flat / "Joe Roe_13_assignsubmission_file_work.zip").write_bytes(inner.encode("latin-1"))
    found = discover(str(flat))
    assert ids(found) == ["Jane_Doe_12", "Joe_Roe_13"]
    assert code(found.handed[1], tmp_path / "w").strip() == RIGHT.strip()


def test_gradescope(tmp_path: Path) -> None:
    metadata = """\
submission_77:
  :submitters:
  - :name: Jane Doe
    :sid: 'S1'
    :email: jane@example.org
  :created_at: 2026-01-01 10:00:00 Z
submission_78:
  :submitters:
  - :name: Joe Roe
  - :name: Ann Poe
"""
    files = {
        "submission_metadata.yml": metadata,
        "submission_77/a.ipynb": notebook(RIGHT),
        "submission_78/b.py": WRONG,
        "submission_78/data.csv": "1",
    }
    for found in both(tmp_path, files):
        assert found.layout == "gradescope"
        assert ids(found) == ["Jane_Doe_77", "Joe_Roe_Ann_Poe_78"]
        assert (found.handed[0].student.number, found.handed[0].student.email) == (
            "S1", "jane@example.org",
        )  # fmt: skip


def test_metadata_runs_no_code_and_is_told_if_broken(tmp_path: Path) -> None:
    evil = "submission_1: !!python/object/apply:os.mkdir [oops]"
    folder = lay(tmp_path / "c", {"submission_metadata.yml": evil, "submission_1/a.py": RIGHT})
    with pytest.raises(UsageError, match=r"submission_metadata\.yml can't be read"):
        discover(str(folder))


def test_classroom_clones(tmp_path: Path) -> None:
    files = {f"sprint-11-{s}/a.py": RIGHT for s in ("alice", "bob-b", "alex")}
    folder = lay(tmp_path / "class", files)
    for name in ("alice", "bob-b", "alex"):
        (folder / f"sprint-11-{name}" / ".git").mkdir()
    found = discover(str(folder))
    assert (found.layout, ids(found)) == ("classroom", ["alex", "alice", "bob-b"])


def test_a_manifest(tmp_path: Path) -> None:
    lay(tmp_path, {"x/a/work.py": RIGHT, "x/b/work.py": WRONG})
    table = tmp_path / "class.csv"
    table.write_text(
        "\ufeffPath,ID,Full name,email\nx/a/work.py,s1,Jane,j@e.org\nx/b,s2,,\n", "utf-8"
    )
    found = discover(str(table))
    assert ids(found) == ["s1", "s2"]
    assert (found.handed[0].student.name, found.handed[1].student.name) == ("Jane", "s2")
    table.write_text("path\nx/a/work.py\nx/none.py\n")
    with pytest.raises(UsageError, match=r"class\.csv, line 3: no such file or folder"):
        discover(str(table))
    table.write_text('path,name\nx/b,"Jane\nDoe\u2028II"\nx/none.py,"a\nb"\n', "utf-8")
    with pytest.raises(UsageError, match=r"class\.csv, line 4: no such file or folder"):
        discover(str(table))
    table.write_text('path,name\nx/b,"Jane\nDoe\u2028II"\n', "utf-8")
    assert discover(str(table)).handed[0].student.name == "Jane Doe II"
    table.write_text("name\nJane\n")
    with pytest.raises(UsageError, match=r"class\.csv, line 1: no column path"):
        discover(str(table))


def test_a_glob_names_by_what_differs(tmp_path: Path) -> None:
    lay(tmp_path, {"x/ann/work.py": RIGHT, "x/bob/work.py": WRONG, "x/bob/other.py": RIGHT})
    assert ids(discover(str(tmp_path / "x" / "*" / "work.py"))) == ["ann", "bob"]
    assert ids(discover(str(tmp_path / "x" / "**" / "*.py"))) == [
        "ann-work", "bob-other", "bob-work",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["nowhere", "*.nothing", "empty"])
def test_nothing_to_grade_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no such file|nothing has such|no submission in it"):
        discover(given)


def test_links_and_names_that_lead_out_are_left_out(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {"a.py": RIGHT})
    (tmp_path / "secret.py").write_text("x = 1")
    os.symlink(tmp_path / "secret.py", folder / "b.py")
    os.symlink(tmp_path, folder / "up")
    found = discover(str(folder))
    assert ids(found) == ["a", "b", "up"]
    assert [h.refused is None for h in found.handed] == [True, False, False]
    packed = zipped(tmp_path / "c.zip", {"a.py": RIGHT, "../b.py": RIGHT})
    found = discover(str(packed))
    assert ids(found) == ["a"]
    assert any("leads out" in n for n in found.notes)


def test_an_id_is_a_name_of_a_file() -> None:
    for label in ("../../etc/passwd", "a/b\\c", "", "...", "x" * 500, "課" * 200, "a\nb\0c", "-rf"):
        made = slug(label)
        assert made and "/" not in made and "\\" not in made and made[0] not in ".-"
        assert len(made.encode()) <= 100 and made.isprintable()


def test_a_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    folder = lay(tmp_path / "class", {"a/x.py": RIGHT, "a/y.csv": "1", "b.py": RIGHT})
    (whole, module) = discover(str(folder)).handed
    before = fingerprint(whole), fingerprint(module)
    os.utime(folder / "b.py", (1, 1))
    (folder / "a" / ".git").mkdir()
    (folder / "a" / ".git" / "HEAD").write_text("x")
    assert (fingerprint(whole), fingerprint(module)) == before
    (folder / "a" / "y.csv").write_text("2")
    assert fingerprint(whole) != before[0]
    packed = zipped(tmp_path / "c.zip", {"b.py": RIGHT})
    (inside,) = discover(str(packed)).handed
    first = fingerprint(inside)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b.py", WRONG)
    assert fingerprint(inside) != first
