"""A class that is killed again and again must end as one that nobody disturbed.

    python -m benchmarks.batch_kills [--students 200] [--kills 20] [--seed 0] [--only any] [--dask]

Grades the class undisturbed; then in a second folder with SIGKILLs of the coordinator at random
moments, and --resume after each; then in a third with SIGKILLs of workers; then in a fourth with
SIGKILLs of any process of the run, whichever kind it is: coordinator, worker, bubblewrap, fork server,
student's process. The outputs of all must be equal, timings aside. With --dask the disturbed runs are
on a cluster, the other one is not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.class_outputs import settled
from benchmarks.classes import SPRINT, write_class
from benchmarks.processes import children


@dataclass(frozen=True)
class Place:
    """Where submissions are graded: options for the coordinator, and whose children are workers."""

    options: tuple[str, ...] = ()
    keeper: int | None = None  # None: the coordinator's own


def start(submissions: Path, out: Path, place: Place) -> subprocess.Popen[bytes]:
    """Begin a run, or go on with it."""
    line = [
        sys.executable, "-m", "graders.cli", "batch", str(submissions), "--out", str(out),
        "--sprint", SPRINT, "--resume", *place.options,
    ]  # fmt: skip
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_coordinator(submissions: Path, out: Path, place: Place, kills: int, seed: int) -> float:
    """Grade with that many SIGKILLs of the coordinator; seconds in all."""
    draw = random.Random(seed)
    began, done = time.monotonic(), 0
    while done < kills:
        process = start(submissions, out, place)
        try:
            process.wait(draw.uniform(0.0, 7.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
            continue
        raise SystemExit(f"it came to its end after {done} of {kills} kills: take more students")
    assert start(submissions, out, place).wait() == 0
    return time.monotonic() - began


def kill_workers(submissions: Path, out: Path, place: Place, kills: int, seed: int) -> float:
    """Grade with that many SIGKILLs of workers that are at work; seconds in all."""
    draw = random.Random(seed)
    began, done = time.monotonic(), 0
    process = start(submissions, out, place)
    while done < kills and process.poll() is None:
        time.sleep(draw.uniform(0.5, 4.0))
        workers = [p for p in children(place.keeper or process.pid) if children(p)]
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
                done += 1
    assert process.wait() == 0
    if done < kills:
        raise SystemExit(f"it came to its end after {done} of {kills} kills: take more students")
    return time.monotonic() - began


def family(pid: int) -> dict[str, list[int]]:
    """A run's processes by kind: what started it, and all that came of it."""
    found: dict[str, list[int]] = {"coordinator": [pid]}
    left = children(pid)
    while left:
        one = left.pop()
        found.setdefault(_kind(one), []).append(one)
        left += children(one)
    return found


def _kind(pid: int) -> str:
    """Of a process that a coordinator started: by its program, and a fork by its parent's."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        above = Path(f"/proc/{parent}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return "gone"
    if words[0].endswith(b"bwrap"):
        return "bubblewrap"
    if any(w.endswith(b"sgworker/start.py") for w in words):
        return "student" if words == above else "fork server"
    return "worker"


KINDS = ("coordinator", "worker", "bubblewrap", "fork server", "student")


def kill_any(
    submissions: Path, out: Path, place: Place, kills: int, seed: int, latest: float = 1.5
) -> float:
    """Grade with that many SIGKILLs of any process, each kind in its turn, at most `latest` seconds
    after there is one; seconds in all.
    """
    draw = random.Random(seed)
    began, hit = time.monotonic(), Counter[str]()
    process = start(submissions, out, place)
    turn, waited = 0, time.monotonic()
    while hit.total() < kills:
        kind = KINDS[turn % len(KINDS)]
        status = process.poll()
        if status == 0:
            raise SystemExit(
                f"it came to its end after {hit.total()} of {kills} kills: {dict(hit)}"
            )
        if status is not None:
            process = start(submissions, out, place)
        if not family(process.pid).get(kind):
            time.sleep(0.02)
            if time.monotonic() - waited > 60:  # there is no bubblewrap on this machine
                turn, waited = turn + 1, time.monotonic()
            continue
        time.sleep(draw.choice((0.0, draw.uniform(0.0, latest / 15), draw.uniform(0.0, latest))))
        there = family(process.pid).get(kind)
        if not there:
            continue
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(there), signal.SIGKILL)
            hit[kind] += 1
            turn, waited = turn + 1, time.monotonic()
    status = process.wait()
    if status:
        status = start(submissions, out, place).wait()
    assert status == 0, status
    print(f"killed: {dict(hit)}", flush=True)
    return time.monotonic() - began


@contextlib.contextmanager
def cluster(base: Path) -> Iterator[Place]:
    """A Dask scheduler and two workers, which their nannies start again."""
    file = base / "scheduler.json"
    lines = (
        ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show"],
        ["worker", "--nworkers", "2", "--nthreads", "1", "--local-directory", str(base / "dask")],
    )
    running = []
    try:
        for name, *arguments in lines:
            line = [sys.executable, "-m", f"distributed.cli.dask_{name}", *arguments]
            line += ["--scheduler-file", str(file), "--no-dashboard"]
            quiet = subprocess.DEVNULL
            running.append(subprocess.Popen(line, stdout=quiet, stderr=quiet))
            while not file.exists():
                time.sleep(0.1)
        time.sleep(5)
        address = json.loads(file.read_text())["address"]
        yield Place(("--executor", "dask", "--scheduler", address), running[1].pid)
    finally:
        for process in reversed(running):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def first_difference(one: Any, other: Any, place: str = "") -> str:
    """Where two outputs part, and what stands there."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{place}.{k}", one[k], other[k]) for k in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{place}[{i}]", *p) for i, p in enumerate(zip(one, other, strict=True))]
    else:
        return f"{place}: {str(one)[:200]} | {str(other)[:200]}"
    return next((first_difference(a, b, p) for p, a, b in pairs if a != b), "")


def main() -> int:
    """Measure and print; 1 if an output differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dask", action="store_true", help="on a Dask cluster of this machine")
    parser.add_argument(
        "--only", action="append", choices=("coordinator", "workers", "any"), help="whom to kill"
    )
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        base = Path(folder)
        known = write_class(base / "class", options.students, options.seed)
        began = time.monotonic()
        assert start(base / "class", base / "undisturbed", Place()).wait() == 0
        expected = settled(base / "undisturbed")
        print(f"undisturbed: {time.monotonic() - began:.0f} s", flush=True)
        faults = [k.fault(expected[f"reports/{n}.json"]) for n, k in known.items()]
        print(f"verdicts right: {faults.count('')} of {len(known)}", flush=True)
        place = stack.enter_context(cluster(base)) if options.dask else Place()
        disturbances = {"coordinator": kill_coordinator, "workers": kill_workers, "any": kill_any}
        if options.dask:
            del disturbances["any"]  # the workers there are nobody's children
        for name in options.only or disturbances:
            disturbed = disturbances[name]
            seconds = disturbed(base / "class", base / name, place, options.kills, options.seed)
            found = settled(base / name)
            differ = [f for f in expected.keys() | found.keys() if expected.get(f) != found.get(f)]
            wrong += len(differ)
            print(
                f"{options.kills} kills of {name}: {seconds:.0f} s, {len(differ)} files differ "
                f"{sorted(differ)[:5]}",
                flush=True,
            )
            for file in sorted(differ)[:5]:
                print(f"  {file}: {first_difference(expected.get(file), found.get(file))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
