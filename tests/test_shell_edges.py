"""Where one stands and what one's shell is like: nothing is shadowed, nothing ends in a traceback."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from graders.errors import SubmissionError
from graders.messages import clean
from graders.submission import read_submission

WORK = """def output_size(n_in, padding, filter_size, stride):
    return (n_in + 2 * padding - filter_size) // stride + 1
"""
GRADE = [sys.executable, "-c", "import scratchgrade, sys; sys.exit(scratchgrade.main())", "grade"]
ITEM = ["--sprint", "cnn1", "--item", "conv1d_out_size"]


def work_in(folder: Path) -> Path:
    """A right submission."""
    path = folder / "work.py"
    path.write_text(WORK)
    return path


def run(
    line: list[str], cwd: Path, more: Mapping[str, str] | None = None, shell: str = ""
) -> subprocess.CompletedProcess[str]:
    """A command in a folder; `shell`: a line of bash with "$@" in it."""
    if shell:
        line = ["bash", "-c", shell, "bash", *line]
    return subprocess.run(
        line,
        cwd=cwd,
        env={**os.environ, **(more or {})},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("way", ["python -m pytest", "PYTHONPATH=."])
def test_what_lies_where_one_stands_is_not_imported(way: str, tmp_path: Path) -> None:
    for name in ("graders", "specs", "reference"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('not ours')\n")
    (tmp_path / "numpy.py").write_text("raise SystemExit('not NumPy')\n")
    (tmp_path / "handed").mkdir()
    work = str(work_in(tmp_path / "handed"))
    if way == "PYTHONPATH=.":
        root = str(Path(__file__).resolve().parent.parent)
        done = run([*GRADE, work, *ITEM], tmp_path, {"PYTHONPATH": f".{os.pathsep}{root}"})
    else:
        line = [sys.executable, "-m", "pytest", "--pyargs", "graders", "--submission", work]
        done = run([*line, "--sprint", "cnn1", "-k", "conv1d_out_size"], tmp_path)
    if "No module named 'scratchgrade'" in done.stderr or "not ours" in done.stderr:
        pytest.skip("installed before `scratchgrade.py` was there: pip install -e .")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "2 of 2" in done.stdout


def test_pytest_graders_outside_a_clone_says_what_to_write(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    done = run([sys.executable, "-m", "pytest", "graders", "--submission", str(work)], tmp_path)
    assert done.returncode == 4
    assert "--pyargs graders" in done.stderr and "Traceback" not in done.stderr


EDGES = {
    "closed stderr": ('"$@" 2>&-', 0, ""),
    "closed stdout": ('"$@" >&-', 2, "standard output is closed"),
    "full stdout": ('"$@" >/dev/full', 2, "No space left"),
    "both full": ('"$@" >/dev/full 2>/dev/full', 2, ""),
    "no input": ('"$@" <&-', 0, ""),
    "ASCII": ('PYTHONIOENCODING=ascii "$@" --lang ja', 0, "has no Japanese"),
    "small files": ('ulimit -f 4; "$@"', None, ""),
    "64 descriptors": ('ulimit -n 64; "$@"', 0, ""),
}


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_of_the_shell_is_a_sentence_and_no_traceback(edge: str, tmp_path: Path) -> None:
    shell, status, said = EDGES[edge]
    report = tmp_path / "report.json"
    line = [*GRADE, str(work_in(tmp_path)), *ITEM, "--report", str(report)]
    done = run(line, Path(__file__).resolve().parent.parent, shell=shell)
    assert "Traceback" not in done.stderr, done.stderr
    assert said in done.stderr
    assert done.returncode in ((0, 2) if status is None else (status,)), done.stderr
    if status is not None:
        assert json.loads(report.read_text())["score"] == 2


@pytest.mark.parametrize(
    "mark",
    ["##[set-output name=x]1", "##vso[task.complete]x", "::set-output name=x::1", "::error::x",
     "##teamcity[x]", "::stop-commands::x"],
)  # fmt: skip
def test_marks_of_ci_runners_are_broken_wherever_they_stand(mark: str) -> None:
    for text in (mark, f"oops {mark}", f"a\n{mark} {mark}"):
        cleaned = clean(text)
        assert not any(m in cleaned for m in ("##[", "##vso[", "##teamcity["))
        assert not re.search(r"::[a-z-]+( [^:]*)?::", cleaned)
    assert clean("X[::2, ::-1] x[::n, ::n] a::b") == "X[::2, ::-1] x[::n, ::n] a::b"


INSTEAD = {
    "pointer.ipynb": ("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n", "Git LFS"),
    "page.ipynb": ("<!DOCTYPE html>\n<html></html>", "HTML"),
    "page.py": ("<html><body></body></html>", "HTML"),
    "paper.ipynb": ("%PDF-1.4", "PDF"),
    "merged.ipynb": ('{\n<<<<<<< HEAD\n"cells": []\n=======\n>>>>>>> other\n}', "conflict"),
    "merged.py": ("x = 1\n<<<<<<< HEAD\nx = 2\n=======\nx = 3\n>>>>>>> other\n", "conflict"),
    "r.ipynb": (
        json.dumps({"cells": [{"cell_type": "code", "source": "x <- c(1, 2)\nlibrary(ggplot2)"}],
                    "metadata": {"language_info": {"name": "R"}}}),
        "in R, not in Python",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INSTEAD)
def test_what_is_no_notebook_is_called_by_its_name(name: str, tmp_path: Path) -> None:
    text, said = INSTEAD[name]
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SubmissionError, match=said) as caught:
        read_submission(path)
    japanese = caught.value.in_language("ja").replace(str(path), "")
    assert any("\u3041" <= c <= "\u30ff" for c in japanese)


def test_a_wrong_label_of_a_notebook_is_no_other_language(tmp_path: Path) -> None:
    path = tmp_path / "work.ipynb"
    cells = [{"cell_type": "code", "source": WORK}]
    path.write_text(json.dumps({"cells": cells, "metadata": {"language_info": {"name": "bash"}}}))
    assert len(read_submission(path).cells) == 1
