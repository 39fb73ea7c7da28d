"""Who kills a student's process from outside changes no verdict; who kills their own gets theirs."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.class_outputs import without_timings
from graders.batch import work
from graders.batch.discover import discover
from graders.batch.store import Result
from graders.batch.work import MOST_GRADINGS, grade_task, settings_of
from graders.grading import Request
from graders.sandbox import process
from tests.batch_class import RIGHT
from tests.test_batch_run import until


def graded(folder: Path, source: str) -> dict[str, Any]:
    """The report of one module, graded as in a class."""
    folder.mkdir()
    (folder / "a.py").write_text(source, encoding="utf-8")
    (handed,) = discover(str(folder)).handed
    task = handed.task(["conv1d_out_size"])
    done = grade_task(task, settings_of(Request(folder, sprint="cnn1", language="en", seed=1)))
    report: dict[str, Any] = json.loads(done["report"])
    return report


def pid_of_the_student() -> int:
    """The number of the process that runs student's code here; 0 if there is none."""
    for running in list(process._running):
        if running.alive and running.hello and running._launched is not None:
            return running._launched.pid
    return 0


def test_a_process_that_is_killed_once_is_graded_again_and_says_the_same(tmp_path: Path) -> None:
    source = RIGHT + "\nimport time\ntime.sleep(1)\n"
    expected = graded(tmp_path / "undisturbed", source)

    def kill() -> None:
        until(lambda: pid_of_the_student() > 0)
        time.sleep(0.3)  # it sleeps in its cell
        os.kill(pid_of_the_student(), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    before = process.ended_by_others()
    found = graded(tmp_path / "disturbed", source)
    killer.join()
    assert process.ended_by_others() > before, "it was killed"
    assert without_timings(found) == without_timings(expected)
    assert [c["status"] for c in found["load"]["cells"]] == ["ok", "ok"]


def test_who_kills_their_own_process_each_time_gets_what_came_of_it(tmp_path: Path) -> None:
    before = process.ended_by_others()
    found = graded(tmp_path / "own", RIGHT + "\nimport os\nos.kill(os.getpid(), 9)\n")
    assert process.ended_by_others() >= before + MOST_GRADINGS
    assert "SIGKILL" in found["load"]["cells"][-1]["error"]
    assert next(i for i in found["items"] if i["id"] == "conv1d_out_size")["status"] == "passed"


def test_what_the_grader_ends_itself_or_ends_by_itself_is_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gradings = work._graded, []

    def counted(task: dict[str, Any], settings: dict[str, Any], folder: Path) -> Result:
        gradings.append(task)
        return real(task, {**settings, "budget": 2.0}, folder)

    monkeypatch.setattr(work, "_graded", counted)
    graded(tmp_path / "hangs", RIGHT + "\nwhile True: pass\n")
    graded(tmp_path / "ends", RIGHT + "\nimport os\nos._exit(3)\n")
    assert len(gradings) == 2
