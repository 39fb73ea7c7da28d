"""Every front-end on a machine that has too little: one sentence, an exit status of 2 or more, no
traceback of ours, and a report that says what is unknown."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORK = """def output_size(n_in, padding, filter_size, stride):
    return (n_in + 2 * padding - filter_size) // stride + 1
"""
START = "import scratchgrade, sys; sys.exit(scratchgrade.main())"


def front_end(name: str, folder: Path) -> list[str]:
    """Its command for a right submission."""
    (folder / "class").mkdir()
    work = folder / "class" / "work.py"
    work.write_text(WORK)
    report = ["--report", str(folder / "report.json")]
    if name == "pytest":
        line = ["-m", "pytest", "graders", "--submission", str(work), "-k", "conv1d_out_size"]
        return [sys.executable, *line, "-p", "no:cacheprovider", "--sprint", "cnn1", *report]
    own = [sys.executable, "-c", START, name]
    if name == "batch":
        return [*own, str(work.parent), "--sprint", "cnn1", "--out", str(folder / "out")]
    return [*own, str(work), "--sprint", "cnn1", "--item", "conv1d_out_size", *report]


def run(shell: str, line: list[str]) -> subprocess.CompletedProcess[str]:
    """A line of bash, with the command as "$@"."""
    return subprocess.run(
        ["bash", "-c", shell, "bash", *line],
        cwd=ROOT, env={**os.environ}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "most"), [("grade", 11), ("pytest", 14), ("batch", 14), ("batch", 12)]
)
def test_too_few_descriptors_are_told(name: str, most: int, tmp_path: Path) -> None:
    done = run(f'ulimit -n {most}; "$@"', front_end(name, tmp_path))
    assert done.returncode >= 2, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "Traceback" not in said and "never awaited" not in said, said
    assert "Too many open files" in said
    assert "--student-python" not in said  # the interpreter is not to blame
    if name == "batch":  # which is nobody's fault: nothing is set aside, and --resume goes on
        assert "quarantined" not in said
    report = tmp_path / "report.json"
    if name in ("grade", "pytest") and report.exists():
        assert not any(i["score"] for i in json.loads(report.read_text())["items"])


@pytest.mark.parametrize(
    ("shell", "status"),
    [('"$@" >&-', 4), ('"$@" 2>&-', 0), ('"$@" <&- >&- 2>&-', 4), ('"$@" <&-', 0)],
)
def test_pytest_with_closed_streams(shell: str, status: int, tmp_path: Path) -> None:
    done = run(shell, front_end("pytest", tmp_path))
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert ("can't be shown" in done.stderr) is (status == 4 and "2>&-" not in shell)
    assert json.loads((tmp_path / "report.json").read_text())["score"] == 2
