"""Throughput beside nbgrader and otter-grader, on the same notebooks in one run, on the same cores.

    python -m benchmarks.throughput [--students 20] [--nbgrader PYTHON] [--otter PYTHON] [--json FILE]

PYTHON: the interpreter of an environment with nbgrader (or otter-grader), ipykernel and numpy, as
`python -m venv E && E/bin/pip install nbgrader ipykernel numpy` makes one. Neither grades in parallel:
each gets two processes, with half of the class each, which is the best that they can do on two cores.
They check one assertion an item; we check all that there is to check. Figures are notebooks a second.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SOURCE = """\
import numpy as np


def output_size(n_in, padding, filter_size, stride):
    return (n_in + 2 * padding - filter_size) // stride + 1


class SimpleConv1d:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        n = len(x) - len(self.W) + 1
        return np.array([np.sum(x[i:i + len(self.W)] * self.W) for i in range(n)]) + self.b

    def backward(self, dA):
        self.dW = np.array([np.sum(dA * self.x[s:s + len(dA)]) for s in range(len(self.W))])
        self.db = np.array([np.sum(dA)])
        dx = np.zeros(len(self.x))
        for i, d in enumerate(dA):
            dx[i:i + len(self.W)] += d * self.W
        return dx
"""
TESTS = (
    "assert output_size(10, 0, 3, 1) == 8",
    "layer = SimpleConv1d(np.array([3, 5, 7]), np.array([1]))\n"
    "assert (layer.forward(np.array([1, 2, 3, 4])) == [35, 50]).all()",
    "assert (layer.backward(np.array([10, 20])) == [30, 110, 170, 140]).all()",
)
Halves = list[list[str]]


def cell(source: str, grade_id: str = "", points: int | None = None) -> dict[str, Any]:
    """A cell of code, with what nbgrader wants to know about it."""
    metadata: dict[str, Any] = {}
    if grade_id:
        tests = points is not None
        metadata["nbgrader"] = {
            "grade_id": grade_id, "schema_version": 3, "task": False,
            "grade": tests, "locked": tests, "solution": not tests, "cell_type": "code",
        } | ({"points": points} if tests else {})  # fmt: skip
    return {
        "cell_type": "code", "metadata": metadata, "source": source, "outputs": [],
        "execution_count": None, "id": f"c{abs(hash(source)) % 10**8}",
    }  # fmt: skip


def notebook(number: int, tests: bool) -> str:
    """The notebook of a student."""
    cells = [cell(f"# {number}\n{SOURCE}", "work")]
    cells += [cell(t, f"test{i}", 1) for i, t in enumerate(TESTS)] if tests else []
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def together(lines: Halves, places: list[Path], log: Path) -> float:
    """Seconds until all of the commands have ended."""
    path = (
        f"{Path(lines[0][0]).parent}{os.pathsep}{os.environ['PATH']}"  # they call their own tools
    )
    environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    began = time.perf_counter()
    with log.open("w") as said:
        running = [
            subprocess.Popen(line, cwd=place, env=environment, stdout=said, stderr=said)
            for line, place in zip(lines, places, strict=True)
        ]
        states = [process.wait() for process in running]
    seconds = time.perf_counter() - began
    if any(states):
        raise SystemExit(f"{lines[0][:4]} failed: {log.read_text()[-2000:]}")
    return seconds


def ours(base: Path, students: int) -> float:
    """Our batch, all of it: start, class page and exports included."""
    folder = base / "class"
    folder.mkdir()
    for number in range(students):
        (folder / f"s{number}.ipynb").write_text(notebook(number, tests=False))
    line = [sys.executable, "-m", "graders.cli", "batch", str(folder), "--out", str(base / "out"),
            "--sprint", "cnn1"]  # fmt: skip
    seconds = together([line], [Path.cwd()], base / "log")
    for path in (base / "out" / "reports").iterdir():
        items = {i["id"]: i["status"] for i in json.loads(path.read_text())["items"]}
        assert items["simple_conv1d"] == items["conv1d_out_size"] == "passed", path
    return seconds


def nbgrader(base: Path, students: int, python: str) -> float:
    """`nbgrader autograde`, a course for each of two processes."""
    places = []
    for half in range(2):
        place = base / f"course{half}"
        places.append(place)
        for number in range(half, students, 2):
            folder = place / "submitted" / f"s{number}" / "ps1"
            folder.mkdir(parents=True)
            (folder / "work.ipynb").write_text(notebook(number, tests=True))
        source = place / "source" / "ps1"
        source.mkdir(parents=True)
        (source / "work.ipynb").write_text(notebook(0, tests=True))
        config = "c = get_config()\nc.CourseDirectory.course_id = 'c'\n"
        (place / "nbgrader_config.py").write_text(config)
    program = [python, "-m", "nbgrader"]
    together([[*program, "generate_assignment", "ps1"]] * 2, places, base / "log")
    seconds = together([[*program, "autograde", "ps1"]] * 2, places, base / "log")
    graded = [p for place in places for p in place.glob("autograded/*/ps1/work.ipynb")]
    assert len(graded) == students
    return seconds


_OTTER = """
import glob, sys
from otter.api import grade_submission
for path in sorted(glob.glob("*.ipynb")):
    results = grade_submission(path, "autograder.zip", quiet=True)
    assert results.total == results.possible == 3, (path, results.total, results.possible)
"""


def otter(base: Path, students: int, python: str) -> float:
    """otter's in-process API, which is its fastest way; a process for each half."""
    tests = base / "tests"
    tests.mkdir()
    for number, source in enumerate(TESTS):
        # The layer of the second test is the third one's, as in a notebook.
        code = source if number != 2 else "layer = SimpleConv1d(np.array([3, 5, 7]), np.array([1]))\n" \
            "y = layer.forward(np.array([1, 2, 3, 4]))\n" + source  # fmt: skip
        doctest = ">>> " + code.replace("\n", "\n>>> ")
        test = {"name": f"q{number}", "points": 1,
                "suites": [{"cases": [{"code": doctest}], "type": "doctest"}]}  # fmt: skip
        (tests / f"q{number}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    together([[python, "-m", "otter", "generate", "-t", "tests"]], [base], base / "log")
    places = []
    for half in range(2):
        place = base / f"half{half}"
        place.mkdir()
        places.append(place)
        shutil.copy(base / "autograder.zip", place)
        for number in range(half, students, 2):
            (place / f"s{number}.ipynb").write_text(notebook(number, tests=False))
    return together([[python, "-c", _OTTER]] * 2, places, base / "log")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--nbgrader", metavar="PYTHON")
    parser.add_argument("--otter", metavar="PYTHON")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rates: dict[str, float] = {}
    for name, python in (("ours", sys.executable), ("nbgrader", options.nbgrader),
                         ("otter", options.otter)):  # fmt: skip
        if python is None:
            continue
        with tempfile.TemporaryDirectory() as base:
            if name == "ours":
                seconds = ours(Path(base), options.students)
            else:
                grade = nbgrader if name == "nbgrader" else otter
                seconds = grade(Path(base), options.students, str(Path(python).absolute()))
        rates[name] = options.students / seconds
        print(f"{name}: {rates[name]:.2f} notebooks a second", flush=True)
    for name in rates.keys() - {"ours"}:
        print(f"ours / {name}: {rates['ours'] / rates[name]:.2f}")
    if options.json:
        options.json.write_text(json.dumps(rates, indent=1) + "\n")


if __name__ == "__main__":
    main()
