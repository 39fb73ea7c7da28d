"""What the walls cost: the same process and the same grading, behind each level and behind none.

    python -m benchmarks.confinement [SUBMISSION] [--sprint cnn1] [--repeat 7] [--json FILE]

The levels take turns, so that whatever else the machine does falls on each alike; medians, and
their ratio to `limits` (the same process with limits alone), are printed.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from pathlib import Path

from graders.engine import Options, grade
from graders.sandbox.isolation import LEVELS, Level, Wanted
from graders.sandbox.process import StudentProcess
from graders.specs import load_sprints
from graders.submission import read_submission

SAMPLE = Path(__file__).resolve().parent.parent / "submissions" / "right" / "channels_last.py"
sys.path[0] = str(SAMPLE.parents[2])  # beside this file lies a reference.py of another kind
LOOP = (
    "import numpy as np\na = np.random.rand(1000, 10)\nfor _ in range(3000): b = np.sqrt(a).sum()\n"
)


def seconds_to_start(level: Level) -> float:
    """From nothing to the greeting of a process."""
    process = StudentProcess(wanted=Wanted("limits", level))
    began = time.perf_counter()
    process.start()
    taken = time.perf_counter() - began
    process.close()
    return taken


def seconds_of_work(level: Level) -> float:
    """A cell that computes, once the process has started."""
    with StudentProcess(wanted=Wanted("limits", level)) as process:
        began = time.perf_counter()
        process.send({"op": "cell", "id": "1", "index": 0, "code": LOOP})
        while process.receive(time.monotonic() + 60)[0].get("op") != "reply":
            pass
        return time.perf_counter() - began


def seconds_of_grading(level: Level, path: Path, sprint: str) -> float:
    """A whole grading, the start and the end of its process included."""
    submission, spec = read_submission(path), load_sprints()[sprint]
    began = time.perf_counter()
    for _ in grade(submission, spec, Options(sys.executable, isolation=Wanted("limits", level))):
        pass
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("submission", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--sprint", default="cnn1")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    reached: list[Level] = []
    for level in LEVELS:
        with StudentProcess(wanted=Wanted("limits", level)) as process:
            if process.isolation.level == level:
                reached.append(level)
            else:
                print(f"{level}: not to be had here ({process.isolation.level} is)")
    measured: dict[str, dict[Level, list[float]]] = {
        what: {level: [] for level in reached} for what in ("start", "work", "grading")
    }
    for _ in range(options.repeat):
        for level in reached:
            measured["start"][level].append(seconds_to_start(level))
            measured["work"][level].append(seconds_of_work(level))
            measured["grading"][level].append(
                seconds_of_grading(level, options.submission, options.sprint)
            )
    medians = {w: {k: statistics.median(v) for k, v in d.items()} for w, d in measured.items()}
    for what, values in medians.items():
        for name, value in values.items():
            ratio = value / values["limits"]
            print(f"{what:8} {name:7} {value * 1000:8.1f} ms   {ratio:.2f}")
    if options.json:
        data = {"machine": platform.platform(), "python": platform.python_version()}
        options.json.write_text(json.dumps(data | {"samples": measured}, indent=1) + "\n")


if __name__ == "__main__":
    main()
