"""Where the milliseconds of one grading go, cold, and what of it the wire costs.

    python -m benchmarks.breakdown [NOTEBOOK] [--sprint cnn1] [--repeat 7] [--json FILE]

Each round is a fresh process (this module with `--once`), which notes the time at each step. The
wire's share is measured by itself: every frame that went over it is encoded and decoded again, as
both sides do. *Plans* are the ways of calling a class that were tried until one gave the true output.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()
SAMPLE = Path(__file__).resolve().parent.parent / "submissions" / "right" / "arguments_en.ipynb"
Steps = list[tuple[str, float]]


def once(path: Path, sprint: str) -> dict[str, Any]:
    """One cold grading in this process: seconds of each step, of the wire, and plans tried."""
    steps: Steps = []
    last = BEGAN

    def done(what: str) -> None:
        nonlocal last
        now = time.perf_counter()
        steps.append((what, now - last))
        last = now

    from graders.sandbox.forkserver import Kind, servers
    from graders.sandbox.preloading import modules_in_file

    servers.prepare(Kind(sys.executable), modules_in_file(path))
    done("starting the fork server")
    import numpy as np  # noqa: F401

    done("import numpy")
    import nbclient  # noqa: F401

    done("import nbclient")
    import graders.commands  # noqa: F401
    from graders.engine import Loaded
    from graders.grading import Grading, Request
    from graders.kinds.layer.search import LayerSearch
    from graders.sandbox import process as processes
    from graders.sandbox.sgworker import wire

    done("import the grader")
    frames: list[bytes] = []
    plans: list[int] = []
    run, encode, pump = LayerSearch.run, wire.encode, processes.StudentProcess.pump

    def counted(self: Any, exhausted: Any) -> Any:
        bound = run(self, exhausted)
        if bound.exact:
            plans.append(len(bound.tried))
        return bound

    def kept(header: dict[str, Any], arrays: Any = ()) -> bytes:
        data: bytes = encode(header, arrays)
        frames.append(data)
        return data

    def received(self: Any) -> bool:
        before = len(self._frames)
        going = pump(self)
        frames.extend(encode(h, a) for h, a in list(self._frames)[before:])
        return going

    grading = Grading(Request(path, sprint, report=path.with_suffix(".report.json")))
    done("specs, submission")
    LayerSearch.run = counted  # type: ignore[method-assign]
    wire.encode = kept
    for event in grading.events():
        if isinstance(event, Loaded):
            done("process, cells")
    done("binding and checks")
    grading.finish()
    done("report")
    cells = sum(r.seconds for r in grading.report.loaded.runs) if grading.report.loaded else 0.0
    grading.report.path.with_suffix(".report.json").unlink()
    wire.encode = encode
    processes.StudentProcess.pump = received  # type: ignore[method-assign]
    again = Grading(Request(path, sprint))
    for _ in again.events():
        pass
    again.finish()
    servers.close()
    return {
        "steps": steps, "cells": cells, "wire": _wire(frames), "frames": len(frames),
        "bytes": sum(map(len, frames)), "plans": plans,
    }  # fmt: skip


def _wire(frames: list[bytes]) -> float:
    """Seconds to decode each frame and to encode it again, once each, as both sides do."""
    from graders.sandbox.sgworker import wire

    began = time.perf_counter()
    for data in frames:
        for header, arrays in wire.Decoder().feed(data):
            wire.encode(header, arrays)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--sprint", default="cnn1")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(once(options.notebook, options.sprint)))
        return
    import shutil
    import statistics
    import tempfile

    from benchmarks.machine import described, medians

    samples: dict[str, list[float]] = {}
    rounds: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(options.notebook, folder))
        line = [sys.executable, "-m", "benchmarks.breakdown", str(copy), "--once"]
        for _ in range(options.repeat):
            done = subprocess.run(
                [*line, "--sprint", options.sprint], capture_output=True, text=True, check=True
            )
            rounds.append(json.loads(done.stdout.splitlines()[-1]))
            steps = dict(rounds[-1]["steps"])
            samples.setdefault("interpreter", []).append(_interpreter())
            for what, value in steps.items():
                samples.setdefault(what, []).append(value)
            samples.setdefault("all of these", []).append(sum(steps.values()))
            samples.setdefault("(own cells)", []).append(rounds[-1]["cells"])
            samples.setdefault("(wire, both sides)", []).append(rounds[-1]["wire"])
    found = medians(samples)
    for what, value in found.items():
        print(f"{what:26} {value * 1000:7.1f} ms")
    share = found["(wire, both sides)"] / found["all of these"]
    plans = [n for r in rounds for n in r["plans"]]
    print(
        f"wire: {share:.1%} of a grading, {rounds[0]['frames']} frames, {rounds[0]['bytes']} bytes"
    )
    print(f"plans until a class was bound: median {statistics.median(plans):g}, worst {max(plans)}")
    if options.json:
        data = {"machine": described(), "medians": found, "wire_share": share, "plans": plans,
                "samples": samples}  # fmt: skip
        options.json.write_text(json.dumps(data, indent=1) + "\n")


def _interpreter() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
