"""One submission, from the command to the report: cold, warm, and beside others, in one run.

    python -m benchmarks.grading [NOTEBOOK] [--sprint cnn1] [--repeat 7]
                                 [--nbgrader PYTHON] [--otter PYTHON] [--json FILE]

- `bare nbclient`: a fresh process that runs the notebook's cells in a fresh kernel, no more.
- `grade`, `pytest`: our two commands, cold.
- `warm`: the same grading where a process and its fork server are there already, as in a batch,
  `watch` or an autograder's service: from the request to the report that is written.
- `nbgrader`, `otter-grader`: one notebook by each, with one assertion a problem (`throughput`).
- `import numpy`: `python -c "import numpy"`, what any of it starts with.

They take turns, so that whatever else the machine does falls on each alike; medians and ratios are
printed. *Overhead* is a grading less the seconds that the student's own cells ran. Cells that fail
in a bare kernel are left out of all. Needs a kernel for the bare side (`pip install ipykernel`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.machine import described, medians
from benchmarks.throughput import nbgrader, otter
from graders.grading import Grading, Request
from graders.specs import load_sprints

SAMPLE = Path(__file__).resolve().parent.parent / "submissions" / "right" / "arguments_en.ipynb"
BARE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=30, allow_errors=True, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of a command; it may fail, as gradings of wrong notebooks do."""
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - began


def without_failing_cells(notebook: Path, folder: Path) -> Path:
    """A copy of the notebook with only the cells that run through in a bare kernel."""
    copy = folder / "cells.ipynb"
    copy.write_bytes(notebook.read_bytes())
    subprocess.run([sys.executable, "-c", BARE, str(copy)], check=True, capture_output=True)
    node = nbformat.read(copy, as_version=4)  # type: ignore[no-untyped-call]
    node.cells = [
        cell
        for cell in node.cells
        if not any(o.output_type == "error" for o in cell.get("outputs", ()))
    ]
    nbformat.write(node, copy)  # type: ignore[no-untyped-call]
    return copy


class Warm:
    """Gradings in this process, one after the other."""

    def __init__(self, request: Request) -> None:
        self._request, self._sprints = request, load_sprints(request.specs)
        self.seconds()

    def seconds(self) -> float:
        """Of one more grading, until its report is written."""
        began = time.perf_counter()
        grading = Grading(self._request, self._sprints)
        for _ in grading.events():
            pass
        grading.finish()
        return time.perf_counter() - began


def cells_of(report: Path) -> float:
    """Seconds that the student's own cells ran."""
    cells: list[dict[str, Any]] = json.loads(report.read_text())["load"]["cells"]
    return float(sum(cell["seconds"] for cell in cells))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--sprint", default="cnn1")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--nbgrader", metavar="PYTHON")
    parser.add_argument("--otter", metavar="PYTHON")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if importlib.util.find_spec("ipykernel") is None:
        parser.error(
            "the bare side needs a kernel; install one beside the grader: pip install ipykernel"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy, scratch = without_failing_cells(options.notebook, folder), folder / "bare.ipynb"
        report, warm_report = folder / "report.json", folder / "warm.json"
        common = ["--sprint", options.sprint, "--report", str(report)]
        grade = [sys.executable, "-m", "graders.cli", "grade", str(copy), *common]
        pytest = [sys.executable, "-m", "pytest", "graders", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
                  "--submission", str(copy), *common]  # fmt: skip
        warm = Warm(Request(copy, options.sprint, report=warm_report))
        measured: dict[str, list[float]] = {}

        def note(what: str, value: float) -> None:
            measured.setdefault(what, []).append(value)

        for number in range(options.repeat):
            scratch.write_bytes(copy.read_bytes())
            note("bare nbclient", seconds([sys.executable, "-c", BARE, str(scratch)]))
            note("pytest", seconds(pytest))
            note("grade", seconds(grade))
            note("overhead cold", measured["grade"][-1] - cells_of(report))
            note("warm", warm.seconds())
            note("overhead warm", measured["warm"][-1] - cells_of(warm_report))
            note("import numpy", seconds([sys.executable, "-c", "import numpy"]))
            for other, way, python in (
                ("nbgrader", nbgrader, options.nbgrader), ("otter-grader", otter, options.otter)
            ):  # fmt: skip
                if python is not None:
                    place = folder / f"{other}{number}"
                    place.mkdir()
                    note(other, way(place, 2, str(Path(python).absolute())))  # one in each process
    found = medians(measured)
    for what, value in found.items():
        print(f"{what:15} {value:6.3f} s  (median of {options.repeat})")
    ratios = {
        f"{w} / bare nbclient": found[w] / found["bare nbclient"]
        for w in ("grade", "pytest", "warm")
    }
    ratios |= {
        f"{o} / grade": found[o] / found["grade"]
        for o in ("nbgrader", "otter-grader")
        if o in found
    }
    ratios |= {
        f"{o} / warm": found[o] / found["warm"] for o in ("nbgrader", "otter-grader") if o in found
    }
    ratios |= {
        f"{w} / import numpy": found[w] / found["import numpy"]
        for w in ("overhead cold", "overhead warm")
    }
    for what, value in ratios.items():
        print(f"{what:30} {value:5.2f}")
    if options.json:
        data = {"machine": described(), "medians": found, "ratios": ratios, "samples": measured}
        options.json.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
