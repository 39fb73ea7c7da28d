"""The machine fails in the middle of a class: one sentence, exit status 2, and nothing is lost."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders import commands
from graders.batch import run
from graders.batch.executor import Died
from graders.batch.model import Handed, Student
from graders.batch.store import FILE, REPORTS, Enrolled, Result, Store
from graders.errors import GraderError
from graders.grading import Request
from tests.batch_class import ROOT, command, report, write_class
from tests.test_batch_run import Heard

STUDENTS = 40


def filled(folder: Path) -> None:
    """A store of a graded class, with its reports beside it, as a run leaves them."""
    folder.mkdir(exist_ok=True)
    (folder / REPORTS).mkdir(exist_ok=True)
    draw = random.Random(0)
    names = [f"s{n:02}" for n in range(STUDENTS)]
    with contextlib.closing(Store(folder)) as store:
        store.enrol([Enrolled(Handed(n, f"{n}.py", Student(n)), "key") for n in names])
        for name in names:
            text = draw.randbytes(4_000).hex()
            store.keep(name, Result("graded", score=1, max_score=2, report=text))
            (folder / REPORTS / f"{name}.json").write_text(text)


def read_all(folder: Path) -> list[str]:
    """Every report of a store."""
    store = Store(folder)
    try:
        return [store.report(row.id) for row in store.rows()]
    finally:
        store.close()


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """A class that is never graded here: the store fails before."""
    return write_class(tmp_path / "class", 1)


@pytest.fixture
def without_a_student(monkeypatch: pytest.MonkeyPatch) -> None:
    """No student's process: what the verdicts depend on is not the question here."""
    monkeypatch.setattr(run, "common_key", lambda request: {})


Damage = Callable[[Path], None]


def _cut(share: float) -> Damage:
    return lambda file: os.truncate(file, int(file.stat().st_size * share))


def _overwritten(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(8 * 4096)
        stream.write(bytes(24 * 4096))


def _no_database(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(b"x" * 100)


@pytest.mark.parametrize(
    "damage",
    [_cut(0.0), _cut(0.01), _cut(0.5), _cut(0.97), _overwritten, _no_database],
    ids=["empty", "beginning", "half", "almost", "overwritten", "other"],
)
@pytest.mark.usefixtures("without_a_student")
def test_a_damaged_store_is_told_and_nothing_is_touched(
    tmp_path: Path, submissions: Path, damage: Damage, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    filled(out)
    damage(out / FILE)
    before = {p.name: p.read_bytes() for p in (out / REPORTS).iterdir()}
    status = commands.run(["batch", str(submissions), "--out", str(out), "--resume"])
    said = capsys.readouterr().err.splitlines()[-1]
    assert (status, said[:13]) == (2, "scratchgrade:")
    assert f"{FILE}: " in said and "damaged; nothing was changed" in said
    assert {p.name: p.read_bytes() for p in (out / REPORTS).iterdir()} == before


def test_a_report_that_does_not_unpack_is_damage(tmp_path: Path) -> None:
    filled(tmp_path)
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("UPDATE results SET report = x'00' WHERE id = 's03'")
    database.commit()
    database.close()
    with pytest.raises(GraderError, match="damaged; nothing was changed"):
        read_all(tmp_path)


@pytest.mark.usefixtures("without_a_student")
def test_a_store_that_another_program_holds_is_told(
    tmp_path: Path, submissions: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    filled(out)
    before = read_all(out)
    monkeypatch.setattr(run, "Store", functools.partial(Store, patience=0.1))
    holder = sqlite3.connect(out / FILE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        status = commands.run(["batch", str(submissions), "--out", str(out), "--resume"])
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    said = capsys.readouterr().err.splitlines()[-1]
    assert status == 2
    assert f"{FILE}: another program holds it" in said and "--resume goes on" in said
    assert read_all(out) == before


def test_a_full_disk_keeps_what_was_graded(tmp_path: Path) -> None:
    filled(tmp_path)
    before = read_all(tmp_path)
    store = Store(tmp_path)
    try:
        (pages,) = store._db.execute("PRAGMA page_count").fetchone()
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        store.enrol([Enrolled(Handed("new", "new.py", Student("new")), "key")])
        big = Result("graded", report=random.Random(1).randbytes(100_000).hex())
        with pytest.raises(GraderError, match="no room on the disk; make some"):
            store.keep("new", big)
        store._db.execute("PRAGMA max_page_count = 1000000")
        store.keep("new", big)
        assert store.report("new") == big.report
        names = [f"s{n:02}" for n in range(STUDENTS)]
        store.enrol([Enrolled(Handed(n, f"{n}.py", Student(n)), "key") for n in names])
    finally:
        store.close()
    assert read_all(tmp_path) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 192 KiB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", "size=192k", "tmpfs", str(place)]
    if (
        os.geteuid()
        or shutil.which("mount") is None
        or subprocess.run(line, check=False).returncode
    ):
        pytest.skip("nothing may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_in_truth(small_disk: Path) -> None:
    with pytest.raises((GraderError, OSError)) as caught:
        filled(small_disk)
    assert (
        "no room" in str(caught.value)
        or "disk" in str(caught.value)
        or "space" in str(caught.value)
    )
    for left in (small_disk / REPORTS).iterdir():
        left.unlink()
    kept = read_all(small_disk)
    assert all(len(text) == 8_000 for text in kept)


def _limited(kind: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (most, most))


def test_no_room_for_temporary_files_is_nobodys_fault(tmp_path: Path) -> None:
    """The worker dies of it; no submission is set aside, and --resume grades it when there is room."""
    folder, out = write_class(tmp_path / "class", 1), tmp_path / "out"
    with (folder / "s00.py").open("a") as file:
        file.write("\nfrom keras.datasets import mnist\nmnist.load_data()\n")
    line = [*command(folder, "--out", out, "--workers", 1)]
    done = subprocess.run(
        line, cwd=ROOT, capture_output=True, text=True, timeout=240,
        preexec_fn=_limited(resource.RLIMIT_FSIZE, 2**20),
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    said = done.stderr.splitlines()[-1]
    assert "files can't be written there (File too large)" in said and "--resume" in said
    assert "Traceback" not in done.stderr and "quarantined" not in done.stdout
    done = subprocess.run(
        [*line, "--resume"], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert report(out, "s00")["error"] is None


def test_a_death_on_a_full_machine_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "out")
    store = Store(tmp_path / "out")
    one = Handed("new", "new.py", Student("new"))
    store.enrol([Enrolled(one, "key")])
    graded = run.Class(tmp_path / "out", store, {"new": one}, Request(tmp_path))

    class Full:
        free = 1

        def submit(self, task: object) -> None:
            """Nothing."""

        def outcome(self, seconds: float) -> Died:
            return Died("new", "OSError: no space left")

    monkeypatch.setattr(run, "_ROOM", 10**18)  # no machine has so much
    monkeypatch.setattr(run, "bytes", lambda n: (_ for _ in ()).throw(OSError(28, "No space left")),
                        raising=False)  # fmt: skip
    with pytest.raises(GraderError, match=r"can't be written there \(No space left\)"):
        run.grade_class(graded, Full(), Heard())  # type: ignore[arg-type]
    assert store.died("new", "first") == ["first"], "none was counted before"
    store.close()


def test_without_a_home_and_with_64_descriptors(tmp_path: Path) -> None:
    folder, out = write_class(tmp_path / "class", 1), tmp_path / "out"
    env = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        command(folder, "--out", out, "--workers", 1), cwd=ROOT, env=env, capture_output=True,
        text=True, timeout=240, preexec_fn=_limited(resource.RLIMIT_NOFILE, 64),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert report(out, "s00")["items"][1]["status"] == "passed"


def test_too_few_descriptors_for_the_workers_is_one_sentence(tmp_path: Path) -> None:
    folder = write_class(tmp_path / "class", 12)
    done = subprocess.run(
        command(folder, "--out", tmp_path / "out", "--workers", 12), cwd=ROOT, timeout=240,
        capture_output=True, text=True, preexec_fn=_limited(resource.RLIMIT_NOFILE, 24),
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert "Too many open files" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_folder_that_may_not_be_written_is_one_sentence(
    tmp_path: Path, submissions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("/proc/none", "/dev/null/out"):
        assert commands.run(["batch", str(submissions), "--out", place]) == 2
        assert f"--out {place}: can't be used" in capsys.readouterr().err.splitlines()[-1]


def test_results_that_may_only_be_read_are_one_sentence(tmp_path: Path, submissions: Path) -> None:
    out = tmp_path / "out"
    filled(out)
    line = [*command(submissions, "--out", out, "--resume")]
    if os.geteuid() == 0:  # who may write everywhere, but not to what is mounted read-only
        walls = shutil.which("bwrap")
        line = [str(walls), "--dev-bind", "/", "/", "--ro-bind", str(out), str(out), "--", *line]
        if walls is None or subprocess.run([*line[:7], "true"], check=False).returncode:
            pytest.skip("nothing may be mounted read-only here")
    else:
        (out / FILE).chmod(0o400)
        out.chmod(0o500)
    try:
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=240)
    finally:
        out.chmod(0o700)
        (out / FILE).chmod(0o600)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert str(out) in done.stderr.splitlines()[-1]
    assert "can't be" in done.stderr or "may not be" in done.stderr
    assert len(read_all(out)) == STUDENTS
