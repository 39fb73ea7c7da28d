"""autograders/ASSIGNMENT/autograder.py of a Classroom 50: grades the checkout, writes its result.json.

Edit SUBMISSION, OPTIONS and SOURCE. The runner sets CLASSROOM, ASSIGNMENT, SUBMISSION_TAG, COMMIT_URL,
RELEASE_URL and REVIEW_URL and runs this in the student's checkout; whole points are what it takes.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SUBMISSION = "sprint11.ipynb"
OPTIONS = ["--sprint", "cnn1", "--feedback", "hint"]
SOURCE = "git+https://github.com/OWNER/scratch-grader"


def result(report: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """The report as ``classroom50/result/v1``: a test an item that counts, its points."""
    tests = [
        {
            "test-name": f"{item['title']} ({item['id']})",
            "passed": item["status"] == "passed",
            "score": round(item["score"]),
            "max-score": round(item["max_score"]),
        }
        for item in report["items"]
        if item["required"] and item["max_score"] > 0
    ]
    if report["error"]:
        tests = [{"test-name": report["error"], "passed": False, "score": 0, "max-score": 1}]
    now = datetime.datetime.now(datetime.UTC)
    return {
        "schema": "classroom50/result/v1",
        "classroom": environment["CLASSROOM"],
        "assignment": environment["ASSIGNMENT"],
        "submission": environment["SUBMISSION_TAG"],
        "commit": environment["COMMIT_URL"],
        "release": environment["RELEASE_URL"],
        "review": environment.get("REVIEW_URL") or environment["COMMIT_URL"],
        "datetime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def main() -> int:
    """Install, grade, write; a wrong answer is no failure of the runner."""
    work = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        # Not from the checkout: nothing that was pushed is imported by the grader.
        python = os.environ.get("SCRATCHGRADE_PYTHON")
        if not python:
            subprocess.run([sys.executable, "-m", "venv", f"{folder}/venv"], check=True)
            python = f"{folder}/venv/bin/python"
            subprocess.run([python, "-m", "pip", "install", "-q", SOURCE], check=True, cwd=folder)
        report = Path(folder, "report.json")
        line = [python, "-P", "-m", "graders.cli", "grade", str(work / SUBMISSION), *OPTIONS]
        done = subprocess.run([*line, "--report", str(report)], cwd=folder, check=False)
        if not report.exists():
            return done.returncode or 1
        found = result(json.loads(report.read_text("utf-8")), dict(os.environ))
    (work / "result.json").write_text(json.dumps(found, indent=2, ensure_ascii=False), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
