"""A class is graded whole whatever is killed: real workers, real SIGKILLs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from benchmarks.class_outputs import settled
from benchmarks.processes import children
from graders.batch.discover import discover
from graders.batch.local import LocalExecutor
from graders.batch.run import Class, grade_class, opened, scratch
from graders.batch.store import Result
from graders.batch.work import settings_of
from graders.grading import Request
from graders.sandbox.isolation.folders import end_left
from tests.batch_class import (
    RIGHT,
    ROOT,
    batch,
    command,
    notebook,
    report,
    source,
    write_class,
    zipped,
)

SLEEPS = RIGHT + "\nimport time\ntime.sleep({seconds})\n"


class Heard:
    """A listener that notes what it hears."""

    def __init__(self) -> None:
        self.finished_ids: list[str] = []
        self.reasons: list[str] = []

    def begin(self, total: int, done: int) -> None:
        """Nothing."""

    def finished(self, id_: str, result: Result) -> None:
        """Note it."""
        self.finished_ids.append(id_)

    def again(self, id_: str, reason: str) -> None:
        """Note it."""
        self.reasons.append(reason)

    def wait(self) -> None:
        """Nothing."""


def workers_of(pid: int) -> list[int]:
    """The workers of a coordinator: no fork server of its own, nor what it tries bubblewrap with."""
    found = []
    for child in children(pid):
        with contextlib.suppress(OSError):
            if b"graders.batch.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def at_work(pid: int, but: list[int]) -> list[int]:
    """Workers of a coordinator that have processes of their own."""
    return [p for p in workers_of(pid) if p not in but and children(p)]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for it; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(a class of nine, its folder of results)."""
    base = tmp_path_factory.mktemp("undisturbed")
    submissions = write_class(base / "class", 8)
    (submissions / "z.py").write_text("# nothing of this sprint\nprint('hello')\n")
    out = base / "out"
    done = batch(submissions, "--out", out, "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert "lowest scores:\n" in done.stdout
    assert "slowest:\n" in done.stdout
    return submissions, out


@pytest.mark.xdist_group("test_batch_run")
def test_every_submission_has_its_verdict(undisturbed: tuple[Path, Path]) -> None:
    _, out = undisturbed
    schema = json.loads((ROOT / "specs" / "report.schema.json").read_text())
    assert len(list((out / "reports").iterdir())) == 9
    for number in range(8):
        data = report(out, f"s{number:02}")
        jsonschema.validate(data, schema)
        assert data["submission"]["path"] == f"s{number:02}.py"
        item = next(i for i in data["items"] if i["id"] == "conv1d_out_size")
        assert item["status"] == ("failed" if number % 3 == 2 else "passed")


@pytest.mark.xdist_group("test_batch_run")
def test_a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one(
    undisturbed: tuple[Path, Path], tmp_path: Path
) -> None:
    submissions, expected = undisturbed
    out = tmp_path / "out"
    for enough in (1, 4):
        with subprocess.Popen(
            command(submissions, "--out", out, "--workers", 2, "--resume"),
            cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            until(lambda n=enough: len(list(out.glob("reports/*.json"))) >= n)  # type: ignore[misc]
            workers = workers_of(process.pid)
            process.send_signal(signal.SIGKILL)
        assert workers
        until(lambda pids=workers: not any(Path(f"/proc/{p}").exists() for p in pids))  # type: ignore[misc]
    graded = {p.name: p.stat().st_mtime_ns for p in out.glob("reports/*.json")}
    assert 4 <= len(graded) < 9
    done = batch(submissions, "--out", out, "--workers", 2, "--resume")
    assert done.returncode == 0, done.stderr
    assert f"{len(graded)} of 9 were graded before" in done.stderr or len(graded) < 9
    after = {p.name: p.stat().st_mtime_ns for p in out.glob("reports/*.json")}
    again = [n for n, when in graded.items() if after[n] != when]
    assert len(again) <= 1, "at most the one whose file was being written is written again"
    assert settled(out) == settled(expected)


@pytest.mark.xdist_group("test_batch_run")
def test_workers_that_are_killed_are_replaced(
    undisturbed: tuple[Path, Path], tmp_path: Path
) -> None:
    submissions, expected = undisturbed
    out = tmp_path / "out"
    with subprocess.Popen(
        command(submissions, "--out", out, "--workers", 2),
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        killed: list[int] = []
        for enough in (0, 2, 4):
            until(lambda n=enough: len(list(out.glob("reports/*.json"))) >= n)  # type: ignore[misc]
            until(lambda: bool(at_work(process.pid, killed)))
            killed.append(at_work(process.pid, killed)[0])
            os.kill(killed[-1], signal.SIGKILL)
        _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    assert len(set(killed)) == 3
    assert 1 <= said.count("was ended by signal 9") <= len(killed)
    assert "it is tried again" in said
    assert settled(out) == settled(expected)


def graded_here(folder: Path, seconds: float) -> tuple[Class, Heard]:
    """Grade a folder's class in this process, with one worker that has so much time a task."""
    request = Request(folder, sprint="cnn1", language="en")
    heard = Heard()
    with (
        opened(discover(str(folder / "class")), folder / "out", request, False) as graded,
        scratch(graded.store) as files,
        LocalExecutor(1, settings_of(request), files, seconds) as executor,
    ):
        grade_class(graded, executor, heard)
        rows = list(graded.store.rows())
    assert not files.exists()
    assert [r.status for r in rows] == ["graded", "quarantined"]
    return graded, heard


def test_what_ends_its_worker_three_times_is_quarantined_with_its_reason(tmp_path: Path) -> None:
    submissions = write_class(tmp_path / "class", 1)
    (submissions / "slow.py").write_text(SLEEPS.format(seconds=14))
    _, heard = graded_here(tmp_path, seconds=8)
    assert heard.reasons == ["it took longer than 8 s"] * 2
    data = report(tmp_path / "out", "slow")
    jsonschema.validate(data, json.loads((ROOT / "specs" / "report.schema.json").read_text()))
    assert data["error"] == "quarantined after 3 attempts: it took longer than 8 s"
    done = batch(tmp_path / "class", "--out", tmp_path / "out", "--resume", "--lang", "en")
    assert done.returncode == 1
    assert "not graded: slow: quarantined after 3 attempts" in done.stdout
    again = ["--resume", "--retry-quarantined", "--lang", "en"]
    done = batch(tmp_path / "class", "--out", tmp_path / "out", *again)
    assert done.returncode == 0, done.stdout
    assert report(tmp_path / "out", "slow")["error"] is None


@pytest.mark.xdist_group("test_batch_run")
def test_only_what_changed_is_graded_again(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    submissions, out = write_class(tmp_path / "class", 3), tmp_path / "out"
    assert batch(submissions, "--out", out).returncode == 0
    refused = batch(submissions, "--out", out)
    assert refused.returncode == 2
    assert "holds results of an earlier run (3 of 3 graded)" in refused.stderr
    before = {p.name: p.stat().st_mtime_ns for p in (out / "reports").iterdir()}
    (submissions / "s01.py").write_text(source(2))
    (submissions / "s02.py").unlink()
    (submissions / "s09.py").write_text(source(9))
    done = batch(submissions, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert "1 of 3 were graded before" in done.stderr
    after = {p.name: p.stat().st_mtime_ns for p in (out / "reports").iterdir()}
    assert set(after) == {"s00.json", "s01.json", "s09.json"}
    assert [n for n in after if after[n] == before.get(n)] == ["s00.json"]
    assert report(out, "s01")["items"][1]["status"] == "failed"
    done = batch(submissions, "--out", out, "--resume", "--seed", 5)
    assert "graded before" not in done.stderr, "another seed is another key"
    done = batch(submissions, "--out", out, "--resume")
    assert "3 of 3 were graded before" in done.stderr
    assert report(out, "s00")["seed"] != 5


def test_ctrl_c_ends_it_and_it_goes_on(tmp_path: Path) -> None:
    submissions, out = write_class(tmp_path / "class", 30), tmp_path / "out"
    with subprocess.Popen(
        command(submissions, "--out", out, "--workers", 1),
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in a job behind &
    ) as process:  # fmt: skip
        until(lambda: len(list(out.glob("reports/*.json"))) >= 1)
        workers = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=240)
    assert process.returncode == 3
    assert "of 30 are graded; --resume goes on" in said
    assert "Traceback" not in said
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert batch(submissions, "--out", out, "--resume").returncode == 0


def test_what_can_not_be_read_is_named_and_costs_nobody_else(tmp_path: Path) -> None:
    submissions = write_class(tmp_path / "class", 1)
    (submissions / "broken.ipynb").write_text("{ no notebook")
    zipped(submissions / "good.zip", {"w/a.ipynb": notebook(RIGHT)})
    zipped(submissions / "bad.zip", {"../a.py": RIGHT})
    (submissions / "exits.py").write_text(RIGHT + "\nimport os\nos._exit(0)\n")
    done = batch(submissions, "--out", tmp_path / "out", "--lang", "en")
    assert done.returncode == 1
    assert "3 of 5 graded" in done.stdout
    assert "not graded: bad: bad.zip: '../a.py' in it leads out of the archive" in done.stdout
    assert "not graded: broken: broken.ipynb: not a notebook" in done.stdout
    for id_ in ("s00", "good", "exits"):
        assert report(tmp_path / "out", id_)["items"][1]["status"] == "passed", id_
    assert report(tmp_path / "out", "good")["submission"]["path"] == "good.zip"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "{0}"], "not empty, and holds no results of a batch"),
        (["--out", "{0}/x", "--workers", "0"], "--workers 0: must be from 1"),
        (["--out", "{0}/x", "--seed", "-1"], "--seed -1: must be 0 or more"),
        (["--out", "{0}/x", "--student-python", "/nowhere"], "--student-python /nowhere"),
        (["--out", "{0}/x", "--layout", "moodle"], "--layout moodle: the names of the files"),
        (["--out", "{0}/s00.py"], "can't be used"),
    ],
)
def test_a_wrong_option_is_one_line_before_anything_is_graded(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    submissions = write_class(tmp_path / "class", 1)
    done = batch(submissions, *(a.format(submissions) for a in arguments))
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_what_a_run_leaves_that_is_killed_at_once_is_no_obstacle(tmp_path: Path) -> None:
    submissions, out = write_class(tmp_path / "class", 1), tmp_path / "out"
    (out / "reports").mkdir(parents=True)
    (out / ".lock").touch()
    (out / "results.sqlite").touch()
    assert batch(submissions, "--out", out, "--resume").returncode == 0
    shutil.rmtree(out)
    (out / "reports").mkdir(parents=True)
    assert batch(submissions, "--out", out).returncode == 0


def test_what_a_killed_worker_leaves_is_ended(tmp_path: Path) -> None:
    """A process that has its files below the folder, as bubblewrap's child has, and no other."""
    folder = tmp_path / "1"
    waiting = ["sleep", "60"]
    with (
        subprocess.Popen(waiting, env={**os.environ, "HOME": f"{folder}/x/home"}) as left,
        subprocess.Popen(waiting, env={**os.environ, "HOME": f"{folder}0/home"}) as other,
    ):
        until(lambda: b"HOME" in Path(f"/proc/{left.pid}/environ").read_bytes())
        end_left(folder)
        assert left.wait(10) == -signal.SIGKILL
        assert other.poll() is None
        other.kill()


def test_one_run_at_a_time(tmp_path: Path) -> None:
    submissions, out = write_class(tmp_path / "class", 1), tmp_path / "out"
    request = Request(submissions, sprint="cnn1")
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with opened(discover(str(submissions)), out, request, False):
            held.set()
            release.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(60)
        done = batch(submissions, "--out", out, "--resume")
    finally:
        release.set()
        thread.join()
    assert done.returncode == 2
    assert "another run is at work in it" in done.stderr
