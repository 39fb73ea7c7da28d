"""A class that is killed again and again must end as one that nobody disturbed.

    python -m benchmarks.batch_kills [--students 200] [--kills 20] [--seed 0]

Grades the class undisturbed; then in a second folder with SIGKILLs of the coordinator at random
moments, and --resume after each; then in a third with SIGKILLs of workers. The outputs of all three
must be equal, timings aside, and no report may be written twice with another content.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.class_outputs import settled
from benchmarks.classes import SPRINT, write_class


def command(submissions: Path, out: Path) -> list[str]:
    """The batch, which goes on where it was."""
    return [
        sys.executable, "-m", "graders.cli", "batch", str(submissions), "--out", str(out),
        "--sprint", SPRINT, "--resume",
    ]  # fmt: skip


def start(submissions: Path, out: Path) -> subprocess.Popen[bytes]:
    """Begin a run."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command(submissions, out), stdout=quiet, stderr=quiet)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(n) for n in task.read_text().split()]
    return found


def kill_coordinator(submissions: Path, out: Path, kills: int, draw: random.Random) -> float:
    """Grade with that many SIGKILLs of the coordinator; seconds in all."""
    began, pause, done = time.monotonic(), 3.0, 0
    while done < kills:
        process = start(submissions, out)
        try:
            process.wait(draw.uniform(0.0, 2 * pause))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
            continue
        raise SystemExit(f"it came to its end after {done} of {kills} kills: take more students")
    assert start(submissions, out).wait() == 0
    return time.monotonic() - began


def kill_workers(submissions: Path, out: Path, kills: int, draw: random.Random) -> float:
    """Grade with that many SIGKILLs of workers; seconds in all."""
    began, done = time.monotonic(), 0
    process = start(submissions, out)
    while done < kills and process.poll() is None:
        time.sleep(draw.uniform(0.5, 4.0))
        workers = [p for p in children(process.pid) if children(p)]
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
                done += 1
    assert process.wait() == 0
    if done < kills:
        raise SystemExit(f"it came to its end after {done} of {kills} kills: take more students")
    return time.monotonic() - began


def main() -> int:
    """Measure and print; 1 if an output differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as base:
        submissions = Path(base, "class")
        known = write_class(submissions, options.students, options.seed)
        began = time.monotonic()
        assert start(submissions, Path(base, "undisturbed")).wait() == 0
        expected = settled(Path(base, "undisturbed"))
        print(f"undisturbed: {time.monotonic() - began:.0f} s", flush=True)
        faults = [k.fault(expected[f"reports/{n}.json"]) for n, k in known.items()]
        print(f"verdicts right: {faults.count('')} of {len(known)}", flush=True)
        wrong = 0
        for name, disturbed in (("coordinator", kill_coordinator), ("workers", kill_workers)):
            seconds = disturbed(submissions, Path(base, name), options.kills, draw)
            found = settled(Path(base, name))
            differ = [f for f in expected.keys() | found.keys() if expected.get(f) != found.get(f)]
            wrong += len(differ)
            print(
                f"{options.kills} kills of {name}: {seconds:.0f} s, {len(differ)} files differ "
                f"{sorted(differ)[:5]}",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
