"""Processes that end while they are read."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import processes

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")

FORKS = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'input()']); print(p.pid, flush=True); p.wait()"


def test_a_process_has_its_children_and_theirs() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as outer:
        assert outer.stdout is not None and outer.stdin is not None
        inner = int(outer.stdout.readline())
        assert processes.children(outer.pid) == [inner]
        assert processes.runs(outer.pid) and processes.runs(inner)
        outer.stdin.write("\n")
        outer.stdin.flush()
        outer.wait()
    assert processes.children(outer.pid) == processes.descendants(outer.pid) == []
    assert not processes.runs(outer.pid)


def test_one_that_ends_between_two_looks_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder is listed by a call that comes after the one that found it."""

    def gone(self: Path) -> Iterator[Path]:
        raise FileNotFoundError(str(self))

    monkeypatch.setattr(Path, "iterdir", gone)
    assert processes.children(1) == []


def test_one_that_has_ended_and_was_not_asked_for_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        deadline = time.monotonic() + 60
        while processes.runs(ended.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not processes.runs(ended.pid)
        assert Path(f"/proc/{ended.pid}").exists()
