"""Zip files: what is read of them, and what must not get out of them."""

from __future__ import annotations

import os
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from graders.errors import SubmissionError
from graders.submission import archive, read_submission
from tests import warm
from tests.batch_class import RIGHT, notebook, zipped


def test_a_notebook_in_an_archive_is_read_as_the_notebook_itself(tmp_path: Path) -> None:
    plain = tmp_path / "a.ipynb"
    plain.write_text(notebook(RIGHT), encoding="utf-8")
    packed = zipped(
        tmp_path / "a.zip",
        {"top/a.ipynb": notebook(RIGHT), "__MACOSX/top/._a.ipynb": b"\0", "top/.DS_Store": b"\0"},
    )
    one, other = read_submission(plain), read_submission(packed)
    assert other.path == packed
    assert (one.kind, one.sha256, one.cells) == (other.kind, other.sha256, other.cells)


def test_a_folder_in_an_archive_has_its_companions_for_as_long_as_it_is_needed(
    tmp_path: Path,
) -> None:
    packed = zipped(
        tmp_path / "a.zip", {"x/a.ipynb": notebook("import b"), "x/b.py": RIGHT, "x/c.csv": "1,2"}
    )
    submission = read_submission(packed)
    assert submission.kind == "folder"
    assert [name for name, _ in submission.companions] == ["b.py", "c.csv"]
    places = [file for _, file in submission.companions]
    assert all(file.is_file() for file in places)
    del submission
    assert not any(file.exists() for file in places)


@pytest.mark.parametrize(
    "name", ["../out.py", "/out.py", "a/../../out.py", "..\\out.py", "C:\\out.py"]
)
def test_no_name_leads_out_of_an_archive(tmp_path: Path, name: str) -> None:
    packed = zipped(tmp_path / "a.zip", {name: "x = 1"})
    before = set(tmp_path.rglob("*"))
    with pytest.raises(SubmissionError, match="leads out of the archive"):
        read_submission(packed)
    assert set(tmp_path.rglob("*")) == before


def test_links_are_not_laid_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("answer = 42")
    packed = zipped(tmp_path / "a.zip", {"a.py": RIGHT})
    with zipfile.ZipFile(packed, "a") as file:
        link = zipfile.ZipInfo("b.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, os.fspath(secret))
    submission = read_submission(packed)
    assert submission.kind == "module"
    assert "answer" not in submission.text


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 2**20)
    monkeypatch.setattr(archive, "MAX_FILES", 20)
    bomb = zipped(tmp_path / "bomb.zip", {"a.py": b"#" * 2**22})
    assert bomb.stat().st_size < 2**14
    many = zipped(tmp_path / "many.zip", {f"{n}.py": "x = 1" for n in range(30)})
    for path in (bomb, many):
        folder = tmp_path / f"of-{path.stem}"
        with pytest.raises(SubmissionError, match="more than 20 files or 1 MiB"):
            archive.unpack(path, folder, archive.Allowance(archive.MAX_FILES, archive.MAX_BYTES))
    assert sum(f.stat().st_size for f in tmp_path.glob("of-*/*")) <= 2**21


def test_a_size_that_is_a_lie_does_not_help(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {"a.py": b"#" * 2**22})
    data = packed.read_bytes()
    real, told = (2**22).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert data.count(real) >= 2
    packed.write_bytes(data.replace(real, told))
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(SubmissionError):
        archive.unpack(packed, folder, archive.Allowance())
    assert sum(f.stat().st_size for f in folder.rglob("*")) <= 2**20


def test_damaged_and_encrypted_archives_are_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(SubmissionError, match=r"broken\.zip: not a zip file, or a damaged one"):
        read_submission(broken)
    locked = zipped(tmp_path / "locked.zip", {"a.py": RIGHT})
    data = bytearray(locked.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    locked.write_bytes(bytes(data))
    with pytest.raises(SubmissionError, match="encrypted"):
        read_submission(locked)
    with pytest.raises(SubmissionError, match="no notebook"):
        read_submission(zipped(tmp_path / "empty.zip", {"a.txt": "?"}))


def test_names_of_japanese_windows_are_read(tmp_path: Path) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("XXXXXX.py", RIGHT)
        file.writestr("b.txt", "")
    raw = packed.read_bytes().replace(b"XXXXXX.py", "課題１".encode("cp932") + b".py")
    packed.write_bytes(raw)
    submission = read_submission(packed)
    assert [name for name, _ in submission.companions] == ["b.txt", "課題１.py"]


def test_grade_takes_an_archive(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {"a.py": RIGHT})
    line = [sys.executable, "-m", "graders.cli", "grade", str(packed), "--sprint", "cnn1"]
    done = warm.run([*line, "--item", "conv1d_out_size"])
    assert "ok conv1d_out_size" in done.stdout, done.stdout + done.stderr
