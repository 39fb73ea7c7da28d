"""How the cost grows: with cells, with items, with submissions; the exponent of each.

    python -m benchmarks.scale [--repeat 3] [--json FILE]

- *cells*: one right layer and N cells more, each with an assignment, a class and a printed line.
- *items*: a folder of specs with N items, and a module that answers all of them.
- *submissions*: a class of N, with `scratchgrade batch`.

The cost is the processor time of the grading and of all that it started, students' processes
included (without bubblewrap, which does not pass on what they used). What the smallest N costs is
taken off the medians; the exponent is their slope in a doubly logarithmic plot, and 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import described
from benchmarks.throughput import SOURCE, cell, notebook

SPRINT = """\
sprint: scale
title: {en: Scale, ja: 規模}
detect: {output_size: 1}
items: [%s]
"""
ITEM = """\
id: size_%d
kind: function
title: {en: Output size, ja: 出力サイズ}
asks: {en: A function for the output size., ja: 出力サイズを求める関数。}
required: true
editions: [{edition: A, problem: 1}]
canonical: size_%d(n_in, filter_size, padding=0, stride=1) -> int
names: [size_%d]
reference: reference:conv_output_size
roles: {input_size: N, filter_size: F, padding: P, stride: S}
sizes: {N: [10, 40], F: [2, 7], P: [0, 3], S: [1, 4]}
value: floor((N + 2*P - F) / S) + 1
documented:
  - source: made for this benchmark
    given: {N: 4, F: 3, P: 0, S: 1}
    expected: {forward: 2}
facets: {forward: 2}
"""
ANSWER = """\
def size_%d(n_in, filter_size, padding=0, stride=1):
    return (n_in + 2 * padding - filter_size) // stride + 1
"""


def processor_seconds(line: list[str]) -> float:
    """Processor time of a command and of all that it started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(line, capture_output=True, text=True, env={"PATH": "/nowhere"})
    if done.returncode not in (0, 1):
        raise SystemExit(f"{line[3:6]} failed: {done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def grading(base: Path, submission: Path, score: float, *options: str) -> float:
    """Processor time of `scratchgrade grade`, which must give `score`."""
    report = base / "report.json"
    line = [sys.executable, "-m", "graders.cli", "grade", str(submission), "--report", str(report)]
    seconds = processor_seconds([*line, *options])
    found = json.loads(report.read_text())["score"]
    assert found == score, (submission, found, score)
    return seconds


def with_cells(base: Path, number: int) -> float:
    """A notebook of that many cells besides its answer."""
    more = (
        f"value_{i} = {i}\nclass Thing{i}:\n    def go(self):\n        return value_{i}\n"
        f"print(Thing{i}().go())"
        for i in range(number)
    )
    cells = [cell(SOURCE), *map(cell, more)]
    data = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = base / "notebook.ipynb"
    path.write_text(json.dumps(data))
    return grading(base, path, 12, "--sprint", "cnn1")


def with_items(base: Path, number: int) -> float:
    """That many items, and a module that answers them."""
    folder = base / "specs" / "scale"
    folder.mkdir(parents=True)
    names = ", ".join(f"size_{i}" for i in range(number))
    (folder / "sprint.yaml").write_text(SPRINT % names, encoding="utf-8")
    for i in range(number):
        (folder / f"size_{i}.yaml").write_text(ITEM % (i, i, i), encoding="utf-8")
    path = base / "answers.py"
    path.write_text("\n\n".join(ANSWER % i for i in range(number)))
    return grading(base, path, 2 * number, "--sprint", "scale", "--specs", str(base / "specs"))


def with_submissions(base: Path, number: int) -> float:
    """A class of that many."""
    folder = base / "class"
    folder.mkdir()
    for i in range(number):
        (folder / f"s{i}.ipynb").write_text(notebook(i, tests=False))
    line = [sys.executable, "-m", "graders.cli", "batch", str(folder), "--out", str(base / "out")]
    return processor_seconds([*line, "--sprint", "cnn1"])


GROWTH: dict[str, tuple[Callable[[Path, int], float], tuple[int, ...]]] = {
    "cells": (with_cells, (0, 100, 200, 400, 800)),
    "items": (with_items, (1, 51, 101, 201, 401)),
    "submissions": (with_submissions, (1, 26, 51, 101)),
}


def exponent(samples: dict[int, list[float]]) -> float:
    """The slope of the medians in a doubly logarithmic plot, less what the smallest N costs."""
    smallest, *others = sorted(samples)
    fixed = statistics.median(samples[smallest])
    costs = [statistics.median(samples[n]) - fixed for n in others]
    grown = np.log([n - smallest for n in others])
    return float(np.polyfit(grown, np.log(costs), 1)[0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=tuple(GROWTH))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, Any] = {"machine": described()}
    for what, (cost, numbers) in GROWTH.items():
        if options.only not in (None, what):
            continue
        samples: dict[int, list[float]] = {number: [] for number in numbers}
        for _ in range(options.repeat):
            for number in numbers:
                with tempfile.TemporaryDirectory() as base:
                    samples[number].append(cost(Path(base), number))
        found[what] = {"samples": samples, "exponent": exponent(samples)}
        for number, seconds in samples.items():
            print(f"{what:12} {number:5}  {statistics.median(seconds):7.2f} s of processor time")
        print(f"{what:12} exponent {found[what]['exponent']:.2f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
