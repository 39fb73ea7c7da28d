"""A class on a Dask cluster: a real scheduler, real workers, one of them killed."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.class_outputs import settled
from tests.batch_class import RIGHT as RIGHT_SOURCE
from tests.batch_class import ROOT, batch, command, notebook, write_class, zipped
from tests.handing_in import Visitor, links, written_course
from tests.handing_in import serving as handing_in
from tests.test_handin import RIGHT_CODE, SETTINGS, WRONG_CODE

if importlib.util.find_spec("distributed") is None:  # to import it takes longer than most tests
    pytest.skip("dask.distributed is not installed", allow_module_level=True)
CLI = [sys.executable, "-m"]


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process until the end of the block."""
    process = subprocess.Popen(
        [*CLI, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def worker(file: Path, folder: Path) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker of one thread that nobody starts again."""
    return running(
        "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1",
        "--no-nanny", "--no-dashboard", "--local-directory", str(folder),
    )  # fmt: skip


@contextlib.contextmanager
def serving(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler, which writes the file for its workers."""
    with running(
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
        "--scheduler-file", str(file), "--no-dashboard", "--no-show",
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(0.2)
        yield process


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """(address, file for workers) of a scheduler."""
    file = tmp_path / "scheduler.json"
    with serving(file):
        yield json.loads(file.read_text())["address"], file


def test_a_worker_is_killed_and_nothing_is_lost(
    scheduler: tuple[str, Path], tmp_path: Path
) -> None:
    address, file = scheduler
    submissions = write_class(tmp_path / "class", 8)
    zipped(submissions / "zip.zip", {"w/a.ipynb": notebook(RIGHT_SOURCE)})
    (submissions / "folder").mkdir()
    (submissions / "folder" / "a.ipynb").write_text(notebook("from size import *"))
    (submissions / "folder" / "size.py").write_text(RIGHT_SOURCE)
    (submissions / "broken.ipynb").write_text("{ no notebook")
    assert batch(submissions, "--out", tmp_path / "local").returncode == 1
    out = tmp_path / "out"
    with worker(file, tmp_path / "one") as first, worker(file, tmp_path / "two"):
        line = command(submissions, "--out", out, "--executor", "dask", "--scheduler", address)
        with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 120
            while len(list(out.glob("reports/*.json"))) < 3:
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            os.kill(first.pid, signal.SIGKILL)
            _, said = process.communicate(timeout=240)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert settled(out) == settled(tmp_path / "local")


def test_a_scheduler_that_goes_away_costs_nothing_but_time(tmp_path: Path) -> None:
    submissions, out = write_class(tmp_path / "class", 8), tmp_path / "out"
    file = tmp_path / "scheduler.json"
    with serving(file) as keeper, worker(file, tmp_path / "one"):
        address = json.loads(file.read_text())["address"]
        line = command(submissions, "--out", out, "--executor", "dask", "--scheduler", address)
        with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            while len(list(out.glob("reports/*.json"))) < 2:
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.05)
            os.kill(keeper.pid, signal.SIGKILL)
            _, said = process.communicate(timeout=240)
    assert process.returncode == 2, said
    told = [n for n in said.splitlines() if n.startswith("scratchgrade: ")]
    assert len(told) == 1 and "--resume goes on" in told[0]
    done = batch(submissions, "--out", out, "--resume")
    assert done.returncode == 0, "no submission was blamed for it"


def test_what_is_wrong_with_a_cluster_is_one_line(tmp_path: Path) -> None:
    submissions = write_class(tmp_path / "class", 1)
    for arguments, said in (
        (["--executor", "dask"], "say where with --scheduler"),
        (["--scheduler", "tcp://127.0.0.1:1"], "only with --executor dask"),
        (["--executor", "dask", "--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler there"),
        (["--executor", "dask", "--scheduler", "x", "--workers", "2"], "its own number"),
    ):
        done = batch(submissions, "--out", tmp_path / "out", "--resume", *arguments)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr


def test_what_is_handed_in_is_graded_on_the_cluster(
    tmp_path: Path, scheduler: tuple[str, Path]
) -> None:
    address, file = scheduler
    course = written_course(tmp_path / "course", SETTINGS, [("11", "Aiko", "")])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine/work.py", RIGHT_CODE)
    with (
        worker(file, tmp_path / "w"),
        handing_in(course, "--executor", "dask", "--scheduler", address) as place,
    ):
        aiko = Visitor(place, links(course)["11"])
        for number, (name, content) in enumerate(
            (("w.py", WRONG_CODE), ("w.zip", packed.getvalue())), 1
        ):
            assert aiko.hand_in(name, content).status == 303
            assert aiko.graded(number) == f"graded: {number + 2} of 36 points"
