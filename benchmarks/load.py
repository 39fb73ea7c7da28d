"""Does a verdict hang on how busy the machine is?

``python -m benchmarks.load [SUBMISSION ...] [--turns N] [--loops N] [--item ID]`` grades each
submission N times alone and N times beside that many busy loops, in turn, and prints each item whose
status or points are not those of the first grading. Without submissions, our samples that train are
graded. Exit status 1 if any differs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.loops import busy

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ("network_in_one_class.py", "too_slow_to_verify.py", "procedural_ja.ipynb")
_SECONDS = 1800

Verdicts = dict[str, tuple[str, float]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 1 if a verdict differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("submissions", nargs="*", type=Path)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--loops", type=int, default=6, help="busy loops beside it")
    parser.add_argument("--item", action="append", default=[], metavar="ID")
    options = parser.parse_args(arguments)
    samples = [ROOT / "submissions" / "right" / name for name in SAMPLES]
    first: dict[Path, Verdicts] = {}
    seconds: dict[int, list[float]] = defaultdict(list)
    differ = compared = 0
    for turn in range(options.turns):
        for loops in (0, options.loops):
            with busy(loops):
                for path in options.submissions or samples:
                    began = time.perf_counter()
                    found = _verdicts(path.resolve(), options.item)
                    seconds[loops].append(time.perf_counter() - began)
                    before = first.setdefault(path, found)
                    compared += 1
                    differ += found != before
                    for item in sorted(before.keys() | found.keys()):
                        if before.get(item) != found.get(item):
                            told = f"{before.get(item)}, then {found.get(item)}"
                            print(f"{path.name}, turn {turn + 1}, {loops} loops, {item}: {told}")
            print(f"turn {turn + 1}, {loops} loops: done", flush=True)
    for loops, taken in seconds.items():
        print(f"{loops} loops: median {statistics.median(taken):.1f} s, worst {max(taken):.1f} s")
    print(f"{differ} of {compared} gradings differ from the first of their submission")
    return int(differ > 0)


def _verdicts(path: Path, items: Sequence[str]) -> Verdicts:
    with tempfile.TemporaryDirectory() as place:
        report = Path(place, "report.json")
        command = [sys.executable, "-m", "graders.cli", "grade", str(path), "--report", str(report)]
        command += [part for item in items for part in ("--item", item)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS)
        if not report.exists():
            raise SystemExit(f"{' '.join(command)}: {done.stderr or done.stdout}")
        graded = json.loads(report.read_text(encoding="utf-8"))
        return {item["id"]: (item["status"], item["score"]) for item in graded["items"]}


if __name__ == "__main__":
    sys.exit(main())
