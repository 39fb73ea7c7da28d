"""A whole grading against a bare nbclient execution of the same cells, in one run.

    python -m benchmarks.grading NOTEBOOK [--sprint cnn1] [--repeat 7] [--json FILE]

Both start cold, one after the other in turns; medians and their ratio are printed. Cells that
fail in a bare kernel (data that would come over the network, names that old NumPy had) are
left out of both. Needs ipykernel for the bare side (`pip install -e .[dev]`).
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--sprint", default="auto")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy = without_failing_cells(options.notebook, folder)
        scratch = folder / "bare.ipynb"
        ours = [
            sys.executable, "-m", "pytest", "graders", "-q", "-p", "no:cacheprovider",
            "--submission", str(copy), "--sprint", options.sprint,
            "--report", str(folder / "report.json"),
        ]  # fmt: skip
        measured: dict[str, list[float]] = {"bare nbclient": [], "grading": [], "import numpy": []}
        for _ in range(options.repeat):
            scratch.write_bytes(copy.read_bytes())
            measured["bare nbclient"].append(seconds([sys.executable, "-c", BARE, str(scratch)]))
            measured["grading"].append(seconds(ours))
            measured["import numpy"].append(seconds([sys.executable, "-c", "import numpy"]))
        report = json.loads((folder / "report.json").read_text())
    medians = {name: statistics.median(values) for name, values in measured.items()}
    ratio = medians["grading"] / medians["bare nbclient"]
    for name, value in medians.items():
        print(f"{name:15} {value:6.2f} s  (median of {options.repeat})")
    print(f"grading / bare nbclient: {ratio:.2f}")
    calls = {i["id"]: i["binding"]["calls"] for i in report["items"] if i["binding"]}
    print("calls an item:", calls)
    if options.json:
        data = {
            "machine": platform.platform(),
            "python": platform.python_version(),
            "medians": medians,
            "ratio": ratio,
            "samples": measured,
        }
        options.json.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
