"""Does every way of grading give the same report?

``python -m benchmarks.ways [--turns N] [--loops N]`` grades five of our samples by the command, by
pytest in one process and in four workers, and as a class by ``batch`` with one worker and with two,
N times each, beside so many busy loops, and prints each place in which a report differs from the
command's first one. Timings are left out, how many calls a training took (as many as there was time
for), and where a submission lies. Exit status 1 if any differs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.class_outputs import without_timings
from benchmarks.loops import busy

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = {  # none that trains: where time decides, the report says so
    "initializer_ja.ipynb": "cnn1",
    "channels_last.py": "cnn1",
    "arguments_en.ipynb": "cnn1",
    "functional_en.ipynb": "cnn1",
    "old_numpy_ja.ipynb": "cnn1",
}
_PLACES = {"path", "sha256", "started_at", "events_dropped", "cells"}
_SECONDS = 900

Reports = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Run it; 1 if a report differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--loops", type=int, default=0, help="busy loops beside it")
    options = parser.parse_args(arguments)
    with busy(options.loops):
        return _compare(options.turns)


def _compare(turns: int) -> int:
    first: Reports = {}
    differ = compared = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "class")
        folder.mkdir()
        for name in SAMPLES:
            shutil.copy(ROOT / "submissions" / "right" / name, folder)
        for turn in range(turns):
            for way, reports_of in WAYS.items():
                out = Path(place, f"{turn}-{way.replace(' ', '')}")
                out.mkdir()
                reports = reports_of(folder, out)
                first = first or reports
                for name in SAMPLES:
                    found = list(_differences(first[name], reports.get(name), ""))
                    compared += 1
                    differ += bool(found)
                    for line in found[:5]:
                        print(f"{way}, turn {turn + 1}, {name}: {line}")
                print(f"{way}, turn {turn + 1}: {len(reports)} reports", flush=True)
    print(f"{differ} of {compared} reports differ from the first")
    return int(differ > 0)


def _by_command(folder: Path, out: Path) -> Reports:
    for name, sprint in SAMPLES.items():
        command = [sys.executable, "-m", "graders.cli", "grade", str(folder / name)]
        _run([*command, "--sprint", sprint, "--report", str(out / f"{name}.json")])
    return {name: _report(out / f"{name}.json") for name in SAMPLES}


def _by_pytest(*more: str) -> Callable[[Path, Path], Reports]:
    def reports(folder: Path, out: Path) -> Reports:
        for name, sprint in SAMPLES.items():
            command = [sys.executable, "-m", "pytest", "graders", "-q", "-p", "no:cacheprovider"]
            command += ["--submission", str(folder / name), "--sprint", sprint, *more]
            _run([*command, "--report", str(out / f"{name}.json")])
        return {name: _report(out / f"{name}.json") for name in SAMPLES}

    return reports


def _by_batch(workers: int) -> Callable[[Path, Path], Reports]:
    def reports(folder: Path, out: Path) -> Reports:
        command = [sys.executable, "-m", "graders.cli", "batch", str(folder), "--out"]
        _run([*command, str(out / "out"), "--sprint", "cnn1", "--workers", str(workers)])
        files = {path.stem: path for path in (out / "out" / "reports").iterdir()}
        return {name: _report(files[Path(name).stem]) for name in SAMPLES}

    return reports


WAYS: dict[str, Callable[[Path, Path], Reports]] = {
    "grade": _by_command,
    "pytest -n 0": _by_pytest(),
    "pytest -n 4": _by_pytest("-n", "4"),
    "batch, 1 worker": _by_batch(1),
    "batch, 2 workers": _by_batch(2),
}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode > 1:
        raise SystemExit(f"{' '.join(command)}: {done.stderr or done.stdout}")


def _report(file: Path) -> Any:
    found = without_timings(json.loads(file.read_text(encoding="utf-8")))
    for item in found["items"]:
        if item.get("training") and item["binding"] is not None:
            del item["binding"]["calls"]
    return found


def _differences(one: Any, other: Any, where: str) -> Iterator[str]:
    """The places in which two reports differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in _PLACES:
                yield from _differences(one.get(key), other.get(key), f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _differences(a, b, f"{where}[{number}]")
    elif one != other:
        yield f"{where}: {str(one)[:120]} | {str(other)[:120]}"


if __name__ == "__main__":
    sys.exit(main())
