"""Hostile submissions in a class: everybody else's results are what they are without them.

It runs under the guard of `test_hostile`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.class_outputs import settled
from tests.batch_class import ROOT, command, write_class
from tests.hostile.test_hostile import _limit, guard

HOSTILE = ROOT / "submissions" / "hostile"
ATTACKS = (
    "exits.py", "segfault.py", "kills_the_grader.py", "fork_bomb.py", "writes_the_report.py",
    "reads_its_neighbours.py", "hostile_text.py", "metadata.ipynb", "limits_the_grader.py",
)  # fmt: skip


def graded(submissions: Path, out: Path) -> dict[str, Any]:
    """What a run leaves, graded under the guard."""
    line = [*guard("kernel"), *command(submissions, "--out", out, "--budget", 5, "--lang", "en")]
    done = subprocess.run(
        line, cwd=ROOT, capture_output=True, text=True, timeout=400, preexec_fn=_limit
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return settled(out)


def test_honest_results_are_the_same_among_hostile_submissions(tmp_path: Path) -> None:
    submissions = write_class(tmp_path / "class", 4)
    alone = graded(submissions, tmp_path / "alone")
    for name in ATTACKS:
        shutil.copy(HOSTILE / name, submissions / f"h_{name}")
    among = graded(submissions, tmp_path / "among")
    for number in range(4):
        for kind in ("reports", "gradescope"):
            name = f"{kind}/s{number:02}.json"
            assert among[name] == alone[name]
    assert len([n for n in among if n.startswith("reports/")]) == 4 + len(ATTACKS)
    gained = [
        i for n, data in among.items() if n.startswith("reports/h_")
        for i in data["items"] if i["status"] == "passed" and i["id"] != "conv1d_out_size"
    ]  # fmt: skip
    assert json.dumps(gained) == "[]"
    page = among["class.html"]
    assert page.count("<script") == 1
