"""The `scratchgrade` command: exit statuses, one clear line for bad input, `explain`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parents[1]
RIGHT = ROOT / "submissions" / "right" / "channels_last.py"
WRONG = ROOT / "submissions" / "wrong" / "db_wrong_axis.py"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, run from the project's root."""
    return warm.run([sys.executable, "-m", "graders.cli", *map(str, arguments)])


def test_a_right_submission_ends_with_0_and_its_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("grade", RIGHT, "--sprint", "cnn1", "--report", report)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(report.read_text())["complete"] is True
    assert "ok conv1d " in done.stdout


def test_a_wrong_submission_ends_with_1_and_the_facet() -> None:
    done = run("grade", WRONG, "--sprint", "cnn1", "--item", "conv1d", "--lang", "en")
    assert done.returncode == 1
    assert "dB: The gradient of the bias" in done.stdout
    assert "10/10" not in done.stdout


def test_bad_input_is_one_line() -> None:
    for arguments in (["grade", "nowhere.ipynb"], ["grade", RIGHT, "--item", "conv3d"]):
        done = run(*arguments)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert done.stderr.startswith("scratchgrade: ")


def test_explain_tells_the_plans_and_why_each_was_dropped() -> None:
    done = run("explain", RIGHT, "--item", "conv1d", "--sprint", "cnn1")
    assert done.returncode == 0, done.stderr
    assert "conv1d: passed" in done.stdout
    assert "Conv1d, channels_last.py, line 39: looked at for its name" in done.stdout
    assert "right output" in done.stdout
    assert any("Error" in line for line in done.stdout.splitlines()), "dropped plans say why"
