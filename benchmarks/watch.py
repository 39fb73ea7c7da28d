"""From save to changed verdict: `scratchgrade watch` while one class is made wrong and right in turns.

    python -m benchmarks.watch [--repeat 11] [--json FILE]

The notebook has three classes, a cell that uses each, and one that trains for seconds: the verdict of
a layer must not wait for it. Medians and the worst of all saves are printed, beside
`python -c "import numpy"` in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import described, medians
from benchmarks.throughput import SOURCE, cell

USES = (
    "layer = SimpleConv1d(np.array([3., 5, 7]), np.array([1.]))\nlayer.forward(np.arange(4.))",
    "class Table:\n    def row(self, n):\n        return np.arange(n) * 2.0\nTable().row(3)",
    "import time\nclass Trainer:\n    def fit(self, seconds):\n        time.sleep(seconds)\n"
    "Trainer().fit(5)",
)


def write(path: Path, source: str) -> None:
    """The notebook, as an editor saves it: whole, under another name first."""
    cells = [cell(text) for text in (source, *USES)]
    data = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(data))
    os.replace(part, path)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=11)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wrong = SOURCE.replace("np.array([np.sum(dA)])", "np.array([np.mean(dA)])")
    assert wrong != SOURCE
    samples: dict[str, list[float]] = {"save to verdict": [], "import numpy": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.ipynb"
        write(path, SOURCE)
        line = [sys.executable, "-u", "-m", "graders.cli", "watch", str(path), "--sprint", "cnn1"]
        watch = subprocess.Popen([*line, "--lang", "en"], stdout=subprocess.PIPE, text=True)
        assert watch.stdout is not None
        try:
            while not next(watch.stdout).startswith("ok simple_conv1d"):
                pass
            for number in range(options.repeat):
                began = time.perf_counter()
                write(path, SOURCE if number % 2 else wrong)
                while "simple_conv1d" not in next(watch.stdout):
                    pass
                samples["save to verdict"].append(time.perf_counter() - began)
                began = time.perf_counter()
                subprocess.run([sys.executable, "-c", "import numpy"], check=True)
                samples["import numpy"].append(time.perf_counter() - began)
        finally:
            watch.kill()
            watch.wait()
    for what, value in medians(samples).items():
        print(
            f"{what:16} {value:.3f} s  (median of {options.repeat}; worst {max(samples[what]):.3f})"
        )
    if options.json:
        data = {"machine": described(), "medians": medians(samples), "samples": samples}
        options.json.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
