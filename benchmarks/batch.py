"""How a class is graded: verdicts, memory of the coordinator, cost a submission, use of the cores.

    python -m benchmarks.batch [--students 1000] [--workers 2] [--seed 0] [--json FILE] [--hostile]

Submissions are put together as in `benchmarks.classes`. Memory is the coordinator's resident set as
it stands after each result, first hundred against last; the cost is the mean time of a submission,
the first fifty after the start against all; the use is the workers' time at work over the wall
clock, from the first task to the last result. The similarity index is measured on the same class
taken once and taken four times (as other ids), which it must answer in four times the time.

With --hostile a second class has the submissions of `submissions/hostile` among the same honest
ones: their reports must be the same, timings aside. Run that under a guard: in namespaces of its own
(`unshare --pid --fork --mount-proc --kill-child`), with limits on memory and files.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.class_outputs import settled
from benchmarks.classes import SPRINT, write_class
from graders.batch.discover import discover
from graders.batch.local import LocalExecutor
from graders.batch.outputs import write_outputs
from graders.batch.run import Class, grade_class, opened, scratch
from graders.batch.similarity.groups import similar_groups
from graders.batch.similarity.winnowing import Prints
from graders.batch.store import Result
from graders.batch.work import settings_of
from graders.grading import Request

HOSTILE = Path(__file__).resolve().parent.parent / "submissions" / "hostile"
_EDGE = 100
_EARLY = 50


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@dataclass
class Measured:
    """A `run.Listener` that notes memory and times."""

    memory: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    def begin(self, total: int, done: int) -> None:
        """The clock starts."""
        self.began = time.monotonic()

    def finished(self, id_: str, result: Result) -> None:
        """Note it."""
        self.memory.append(resident())
        self.seconds.append(result.seconds)
        self.ended = time.monotonic()
        if len(self.seconds) % 100 == 0:
            print(f"  {len(self.seconds)} graded", file=sys.stderr, flush=True)

    def again(self, id_: str, reason: str) -> None:
        """Say it: it should not happen here."""
        print(f"{id_}: {reason}", file=sys.stderr)

    def wait(self) -> None:
        """Nothing."""


def graded(
    submissions: Path, out: Path, workers: int, sprint: str, budget: float | None = None
) -> Measured:
    """Grade a class in this process, which is the coordinator."""
    request = Request(submissions, sprint=sprint, language="en", budget=budget)
    measured = Measured()
    with opened(discover(str(submissions)), out, request, False) as whole:
        with (
            scratch(whole.store) as folder,
            LocalExecutor(workers, settings_of(request), folder) as executor,
        ):
            _warm(executor, workers)
            grade_class(whole, executor, measured)
        began = time.monotonic()
        write_outputs(whole)
        print(f"outputs: {time.monotonic() - began:.1f} s", flush=True)
        _similarity(whole)
    return measured


def _warm(executor: LocalExecutor, workers: int) -> None:
    """Wait until the workers have come up: their start is not the cost of a submission."""
    executor.outcome(4.0)


def _similarity(whole: Class) -> None:
    prints = [(i, Prints.unpacked(p)) for i, p in whole.store.prints()]
    times = []
    for copies in (1, 4):
        # Other hashes in each copy: otherwise everyone would have four of each.
        many = [
            (f"{i}-{c}", Prints(p.hashes ^ c, p.places)) for c in range(copies) for i, p in prints
        ]
        began = time.monotonic()
        similar_groups(many)
        times.append(time.monotonic() - began)
    print(f"similarity: {times[0]:.2f} s, four times as many: {times[1] / times[0]:.1f} times")


def _told(measured: Measured, faults: Sequence[str], students: int) -> dict[str, Any]:
    wall = measured.ended - measured.began
    first = statistics.mean(measured.memory[:_EDGE])
    last = statistics.mean(measured.memory[-_EDGE:])
    return {
        "students": students,
        "wrong_verdicts": len(faults),
        "memory_mib": [round(first / 2**20, 1), round(last / 2**20, 1)],
        "memory_growth_percent": round(100 * (last / first - 1), 2),
        "seconds_of_the_first": round(statistics.mean(measured.seconds[:_EARLY]), 3),
        "seconds_of_all": round(statistics.mean(measured.seconds), 3),
        "work_over_wall": round(sum(measured.seconds) / wall, 3),
        "submissions_a_second": round(students / wall, 2),
    }


def main() -> int:
    """Measure and print; 1 if a verdict is wrong or an honest report changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--hostile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        submissions, out = Path(base, "class"), Path(base, "out")
        known = write_class(submissions, options.students, options.seed)
        budget = 8.0 if options.hostile else None
        measured = graded(submissions, out, options.workers, SPRINT, budget)
        found = settled(out)
        faults = [
            f"{n}: {f}" for n, k in known.items() if (f := k.fault(found[f"reports/{n}.json"]))
        ]
        told = _told(measured, faults, options.students)
        for fault in faults[:20]:
            print(fault)
        if options.hostile:
            for path in sorted(HOSTILE.glob("*.py")) + sorted(HOSTILE.glob("*.ipynb")):
                (submissions / f"hostile-{path.name}").write_bytes(path.read_bytes())
            graded(submissions, Path(base, "hostile"), options.workers, SPRINT, budget)
            with_them = settled(Path(base, "hostile"))
            told["honest_reports_changed"] = sum(
                found[f"reports/{n}.json"] != with_them[f"reports/{n}.json"] for n in known
            )
            told["hostile"] = len(list((Path(base, "hostile") / "reports").iterdir())) - len(known)
    print(json.dumps(told, indent=1))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    return 1 if faults or told.get("honest_reports_changed") else 0


if __name__ == "__main__":
    sys.exit(main())
