"""`%check` in a kernel beside `scratchgrade grade` of the same cells: the first verdict, then warm ones.

python -m benchmarks.notebook
"""

from __future__ import annotations

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


def main() -> None:
    """Print the table."""
    print(f"{'item':<18} {'loaded':>8} {'first':>8} {'warm':>8} {'grade':>8} {'warm/grade':>10}")
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
        print(
            f"{item:<18} {loaded:8.2f} {first:8.2f} {ours:8.2f} {theirs:8.2f} {ours / theirs:10.2f}"
        )


if __name__ == "__main__":
    main()
