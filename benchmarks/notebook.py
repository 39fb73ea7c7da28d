"""`%check` in a kernel beside `scratchgrade grade` of the same cells: the first verdict, then warm ones.

python -m benchmarks.notebook [--otter PYTHON]

`--otter`: an interpreter with otter-grader and ipykernel. Its `check`, which runs in the student's own kernel,
has one example and one shape for each item; ours has all of its checks, confined.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.kernels import Kernel

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7
ITEMS = {
    "conv1d": ("cnn1", ROOT / "submissions" / "right" / "initializer_ja.ipynb"),
    "conv1d_out_size": ("cnn1", ROOT / "submissions" / "right" / "initializer_ja.ipynb"),
}


def _cells(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def _seconds(kernel: Kernel, line: str) -> float:
    began = time.perf_counter()
    shown = kernel.run(line)
    assert shown.html and not shown.error, shown
    return time.perf_counter() - began


OTTER = {
    "conv1d": """
>>> layer = Conv1d(3, FixedInitializer(np.ones((3, 2, 3)), np.array([1, 2, 3])), SGD(0.01), 2, 3)
>>> layer.forward(np.arange(8.0).reshape(1, 2, 4)).shape
(1, 3, 2)
""",
    "conv1d_out_size": """
>>> output_size(8, 0, 3, 1)
6
""",
}


def _of_otter(python: str, item: str, cells: list[str], folder: Path) -> list[float]:
    """Seconds of otter-grader's `check` of an example, warm."""
    tests = folder / "tests"
    tests.mkdir()
    case = {"code": OTTER[item].strip("\n"), "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    described = {"name": item, "points": 1, "suites": [suite]}
    text = f"OK_FORMAT = True\ntest = {described!r}\n"
    (tests / f"{item}.py").write_text(text, encoding="utf-8")
    (folder / "work.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    with Kernel(folder, python=python) as kernel:
        for source in [*cells, "import otter\ngrader = otter.Notebook('work.ipynb')"]:
            kernel.run(source)
        line, taken = f"grader.check({item!r})", []
        for number in range(ROUNDS + 1):
            began = time.perf_counter()
            shown = kernel.run(line)
            assert item in shown.text and not shown.error, shown
            if number:
                taken.append(time.perf_counter() - began)
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--otter", metavar="PYTHON")
    other = parser.parse_args().otter
    print(
        f"{'item':<18} {'loaded':>8} {'first':>8} {'warm':>8} {'grade':>8} {'warm/grade':>10}"
        + (f" {'otter':>8} {'warm/otter':>10}" if other else "")
    )
    for item, (sprint, notebook) in ITEMS.items():
        with tempfile.TemporaryDirectory() as folder, Kernel(Path(folder)) as kernel:
            began = time.perf_counter()
            kernel.run("%load_ext scratchgrade")
            loaded = time.perf_counter() - began
            for source in _cells(notebook):
                kernel.run(source)
            line = f"%check --sprint {sprint} {item}"
            first = _seconds(kernel, line)
            warm, grade = [], []
            command = [sys.executable, "-P", "-m", "graders.cli", "grade", str(notebook), "--sprint", sprint, "--item", item]  # fmt: skip
            for _ in range(ROUNDS):
                warm.append(_seconds(kernel, line))
                began = time.perf_counter()
                subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
                grade.append(time.perf_counter() - began)
        ours, theirs = statistics.median(warm), statistics.median(grade)
        row = (
            f"{item:<18} {loaded:8.2f} {first:8.2f} {ours:8.2f} {theirs:8.2f} {ours / theirs:10.2f}"
        )
        if other:
            with tempfile.TemporaryDirectory() as place:
                its = statistics.median(_of_otter(other, item, _cells(notebook), Path(place)))
            row += f" {its:8.2f} {ours / its:10.2f}"
        print(row)


if __name__ == "__main__":
    main()
