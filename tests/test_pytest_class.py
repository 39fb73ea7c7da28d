"""`pytest graders --submission` of a whole class: ids, one execution each, workers, reports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from graders.batch.discover import is_class
from tests import warm
from tests.batch_class import RIGHT, ROOT, WRONG, notebook, zipped
from tests.test_batch_discover import lay


def run(submission: object, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, for two items that take no time."""
    line = [sys.executable, "-m", "pytest", "graders", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--sprint", "cnn1",
            "--submission", submission, *arguments]  # fmt: skip
    return warm.run(list(map(str, line)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder a student; one of them is no notebook."""
    files = {
        "ann/a.ipynb": notebook(RIGHT), "bob/b.py": WRONG, "cid/a.ipynb": "{ no notebook",
        "dan/a.py": RIGHT,
    }  # fmt: skip
    return lay(tmp_path / "class", files)


def test_the_verdicts_are_the_same_with_workers_and_without(folder: Path, tmp_path: Path) -> None:
    seen = []
    for workers in (("-n", "2"), ()):
        reports = tmp_path / f"reports{len(workers)}"
        done = run(
            folder, *workers, "--report", reports, "-k", "conv1d_out_size or submission", "-v"
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "test_problems.py::ann/cnn1/conv1d_out_size/" in done.stdout
        data = {p.stem: json.loads(p.read_text("utf-8")) for p in reports.iterdir()}
        assert set(data) == {"ann", "bob", "cid", "dan"}
        statuses = {
            name: next(i["status"] for i in d["items"] if i["id"] == "conv1d_out_size")
            for name, d in data.items() if d["items"]
        }  # fmt: skip
        assert statuses == {"ann": "passed", "bob": "failed", "dan": "passed"}
        assert {i["status"] for i in data["ann"]["items"]} == {"passed", "skipped"}
        assert "not a notebook" in data["cid"]["error"]
        assert "\nann: 2 of " in done.stdout
        found = re.findall(r"(\d+ (?:passed|failed|skipped|xfailed))", done.stdout.splitlines()[-1])
        seen.append(sorted(found))
    assert seen[0] == seen[1] and len(seen[0]) >= 2


def test_a_name_selects_a_student_and_nobody_else_is_graded(folder: Path, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    done = run(folder, "-k", "ann and conv1d_out_size", "--report", reports)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [p.name for p in reports.iterdir()] == ["ann.json"]


def test_pages_and_markdown_of_a_class(folder: Path, tmp_path: Path) -> None:
    pages, text = tmp_path / "pages", tmp_path / "all.md"
    done = run(folder, "-k", "conv1d_out_size", "--report-html", pages, "--report-md", text)
    assert done.returncode == 1
    assert {p.name for p in pages.iterdir()} == {"ann.html", "bob.html", "dan.html"}
    assert text.read_text("utf-8").count("\n## ") == 2


def test_a_report_of_a_class_is_a_folder(folder: Path, tmp_path: Path) -> None:
    done = run(folder, "--report", tmp_path / "report.json")
    assert done.returncode == 4
    assert "of several submissions it has to be a folder" in done.stdout + done.stderr


def test_stopping_at_the_first_failure_leaves_no_process(folder: Path) -> None:
    done = run(folder, "-x", "-k", "conv1d_out_size")
    assert done.returncode == 1
    mine = [
        p for p in Path("/proc").glob("[0-9]*")
        if b"batch.worker" in _command(p) and _parent(p) in (1, os.getpid())
    ]  # fmt: skip
    assert mine == []


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.ipynb": "x"}, False),
        ({"a.ipynb": "x", "helper.py": "x"}, False),
        ({"main.py": "x", "layers/conv.py": "x", "data/x.csv": ""}, False),
        ({"layers/__init__.py": "x", "tests/test_a.py": "x"}, False),
        ({"src/a.py": "x", "data/x.csv": ""}, False),
        ({"ann/a.ipynb": "x", "bob/b.ipynb": "x"}, True),
        ({"ann/a.ipynb": "x", "bob/b.py": "x", "README.md": ""}, True),
        ({"doejane_11_21_a.py": "x", "roejohn_12_22_a.py": "x"}, True),
        ({"Jane Doe_12_assignsubmission_file_/a.py": "x"}, True),
        ({"submission_metadata.yml": "{}", "submission_1/a.py": "x"}, True),
    ],
)
def test_what_is_one_submission_and_what_is_a_class(
    tmp_path: Path, files: dict[str, str], expected: bool
) -> None:
    assert is_class(str(lay(tmp_path / "given", files))) is expected


def test_files_and_patterns(tmp_path: Path) -> None:
    lay(tmp_path, {"a.py": RIGHT, "b.py": RIGHT, "c.csv": "path\na.py\n"})
    assert not is_class(str(tmp_path / "a.py"))
    assert not is_class(str(tmp_path / "nowhere"))
    assert not is_class("x" * 5_000)
    assert is_class(str(tmp_path / "*.py"))
    assert is_class(str(tmp_path / "c.csv"))
    assert not is_class(str(zipped(tmp_path / "one.zip", {"w/a.py": RIGHT, "w/b.py": RIGHT})))
    canvas = {"doejane_11_21_a.py": RIGHT, "roejohn_12_22_a.py": RIGHT}
    assert is_class(str(zipped(tmp_path / "all.zip", canvas)))
    (tmp_path / "broken.zip").write_bytes(b"PK")
    assert not is_class(str(tmp_path / "broken.zip"))
    assert not is_class(str(ROOT / "submissions" / "right" / "folder_ja"))
