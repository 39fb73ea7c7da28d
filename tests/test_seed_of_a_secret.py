"""The seed is made with a secret: nobody knows a grading's inputs at home; the same secret, the same report."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from graders import secret
from graders.batch.run import with_secret
from graders.batch.store import Store
from graders.batch.work import request_of, settings_of
from graders.engine import Options, seed_of
from graders.errors import UsageError
from graders.grading import Grading, Request
from graders.sandbox import launching
from graders.secret import VARIABLE, Secret
from graders.submission import read_submission
from graders.watch.loop import Watch
from tests import warm

ONE, OTHER = "the secret of one installation", "the secret of the other one"
ITEM = "conv1d_out_size"
WRONG = """
import os
print(sorted(os.environ.items()))

def output_size(n_in, padding, filter_size, stride):
    return 10 * n_in + padding + filter_size / 100 + stride / 10000
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home with no secret yet, nor one in the environment."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A submission that shows which inputs it was called with: they are in what it returns."""
    file = tmp_path / "work.py"
    file.write_text(WRONG, encoding="utf-8")
    return file


def report_of(request: Request) -> dict[str, Any]:
    """The report, but for what depends on the clock."""
    grading = Grading(request)
    grading.select(frozenset([ITEM]))
    for _ in grading.events():
        pass
    grading.finish()
    report = grading.report.as_dict()
    for entry in [*report["load"]["cells"], *(i["binding"] or {} for i in report["items"])]:
        entry.pop("seconds", None)
    return {k: v for k, v in report.items() if k not in ("started_at", "duration_s")}


def inputs_of(report: dict[str, Any]) -> str:
    """What stands in the sentences of the item: the sizes it was asked for."""
    (item,) = (i for i in report["items"] if i["id"] == ITEM)
    assert item["status"] == "failed"
    return " ".join(c["message"] for c in item["checks"])


# -- the seed --------------------------------------------------------------------------------------


def test_the_seed_is_not_in_the_submission(work: Path, home: Path) -> None:
    submission = read_submission(work)
    seed = seed_of(submission, Options())
    assert seed == seed_of(submission, Options())
    assert seed == seed_of(submission, Options(secret=secret.installation()))
    keys = [Secret(bytes([n]) * 32) for n in range(20)]
    assert len({seed, *(seed_of(submission, Options(secret=key)) for key in keys)}) == 21
    assert all(0 <= key.seed_of("x") < 2**53 for key in keys)  # whole in every reader of JSON
    assert seed_of(submission, Options(seed=7)) == 7


def test_the_same_secret_gives_the_same_report_and_another_one_other_inputs(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(work, sprint="cnn1", language="en")
    monkeypatch.setenv(VARIABLE, ONE)
    first = report_of(request)
    assert report_of(request) == first
    assert first["seed_from"] == "secret"
    monkeypatch.setenv(VARIABLE, OTHER)
    other = report_of(request)
    assert other["seed"] != first["seed"]
    assert inputs_of(other) != inputs_of(first)
    replayed = report_of(replace(request, seed=first["seed"]))
    assert inputs_of(replayed) == inputs_of(first)
    assert replayed["seed_from"] == "option"


def test_every_file_that_the_code_can_read_changes_the_seed(tmp_path: Path) -> None:
    """Else the inputs that a report shows would be known for the next version."""
    seen = set()
    for name, text in (("a.txt", "one"), ("a.txt", "two"), ("b.txt", "one"), ("on", "ea.txt")):
        folder = tmp_path / "handed in"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "work.py").write_text("x = 1\n")
        (folder / name).write_text(text)
        seen.add(read_submission(folder).sha256)
    assert len(seen) == 4


def test_a_watch_keeps_its_inputs_from_save_to_save(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = work.with_name("report.json")
    seeds = []

    class Saved(Watch):
        def _sum_up(self, *arguments: Any) -> None:
            super()._sum_up(*arguments)
            seeds.append(json.loads(report.read_text())["seed"])
            work.write_text(WRONG + "# saved\n" * len(seeds))

    Saved(Request(work, sprint="cnn1", report=report), StringIO(), rounds=2).run()
    assert len(seeds) == 2
    assert len(set(seeds)) == 1


# -- the student's process -------------------------------------------------------------------------


def test_the_secret_does_not_reach_the_students_process(
    work: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = secret.installation().text
    place = secret.place()
    assert place is not None
    work.write_text(WRONG + f"print(open({str(place)!r}).read())\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, kept)
    cells = report_of(Request(work, sprint="cnn1", language="en"))["load"]["cells"]
    told = json.dumps(cells)
    assert kept not in told
    assert "Error" in told  # the file can't be read
    assert VARIABLE not in launching.environment(work, "mark")


# -- where it is kept ------------------------------------------------------------------------------


def test_it_is_made_once_for_its_owner_alone(home: Path) -> None:
    first = secret.installation()
    file = home / ".local" / "state" / "scratchgrade" / "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert secret.installation() == first
    assert not first.passing
    file.write_text("")  # a run was killed between two moments
    assert len(secret.installation().key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_folder_for_state_is_where_the_user_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    assert secret.place() == home / "state" / "scratchgrade" / "secret"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert secret.place() == home / ".local" / "state" / "scratchgrade" / "secret"


def test_first_runs_at_the_same_time_agree(home: Path) -> None:
    line = [sys.executable, "-c", "from graders import secret; print(secret.installation().text)"]
    runs = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    said = {run.communicate(timeout=120)[0] for run in runs}
    assert said == {secret.installation().text + "\n"}


@pytest.mark.parametrize(
    ("broken", "said"),
    [("no home", "no home folder"), ("a file in its way", "Not a directory"),
     ("no secret in it", "holds no secret")],
)  # fmt: skip
def test_where_none_can_be_kept_it_is_of_this_run_and_the_report_says_so(
    broken: str, said: str, work: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken == "no home":
        monkeypatch.setenv("HOME", "")
    elif broken == "a file in its way":
        home.write_text("")
    else:
        secret.installation()
        place = secret.place()
        assert place is not None
        place.write_text("x")
    request = Request(work, sprint="cnn1", language="en")
    report = report_of(request)
    assert report["seed_from"] == "run"
    assert any(said in note for note in report["load"]["notes"])
    assert report_of(request)["seed"] == report["seed"]  # within one run
    assert inputs_of(report_of(replace(request, seed=report["seed"]))) == inputs_of(report)


def test_a_secret_that_is_given_counts_before_the_installations(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, ONE)
    assert secret.secret_for() == secret.given()
    file = tmp_path / "given"
    file.write_text(f"{OTHER}\n", encoding="utf-8")
    assert secret.secret_for(file) != secret.secret_for()
    assert not home.exists()  # nothing is made that nobody needs
    file.write_text(secret.secret_for().text)
    assert secret.secret_for(file) == secret.secret_for()


@pytest.mark.parametrize(
    ("content", "said"),
    [("short", "5 characters; a secret has 16 or more"), (None, "can't be read"),
     (b"\xff" * 40, "can't be read (no text)")],
)  # fmt: skip
def test_what_is_no_secret_is_refused_in_a_sentence(
    content: str | bytes | None, said: str, tmp_path: Path, work: Path
) -> None:
    file = tmp_path / "given"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=r"--secret-file .*make one with") as raised:
        Grading(Request(work, sprint="cnn1", secret_file=file))
    assert said in str(raised.value)


# -- a class ---------------------------------------------------------------------------------------


def test_a_class_keeps_the_secret_of_its_first_run(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(Path())
    out, copy = tmp_path / "out", tmp_path / "another machine"
    out.mkdir()
    store = Store(out)
    first = with_secret(request, store, None)
    assert first.secret == secret.installation().text  # `grade` here draws the same
    store.close()
    assert stat.S_IMODE((out / "results.sqlite").stat().st_mode) == 0o600
    shutil.copytree(out, copy)
    monkeypatch.setenv("HOME", str(tmp_path / "other home"))
    assert secret.installation().text != first.secret
    store = Store(copy)
    assert with_secret(request, store, None).secret == first.secret
    assert with_secret(replace(request, seed=3), store, None).secret == ""
    monkeypatch.setenv(VARIABLE, ONE)
    assert with_secret(request, store, secret.given()).secret == secret.secret_for().text
    store.close()
    worker = request_of(settings_of(first), Path("x"))  # as workers are told, wherever they are
    assert worker.secret == first.secret


def test_grade_pytest_and_batch_draw_the_same_inputs(
    home: Path, tmp_path: Path, root: Path, write_notebook: Any
) -> None:
    for name in ("a", "b"):
        write_notebook("md:## 【問題2】", WRONG, f"# {name}", name=f"class/{name}/work.ipynb")
    folder = tmp_path / "class"
    ours = dict(os.environ)
    options = ["--sprint", "cnn1", "--lang", "en"]

    def run(*line: str) -> None:
        done = warm.run([sys.executable, "-m", *line, *options], env=ours, timeout=600)
        assert done.returncode in (0, 1), done.stdout + done.stderr

    run("graders.cli", "batch", str(folder), "--out", str(tmp_path / "out"), "--workers", "2")
    run("pytest", "graders", "--submission", str(folder), "--report", str(tmp_path / "p"),
        "-n", "2", "-k", ITEM)  # fmt: skip
    alone = Grading(Request(folder / "a", sprint="cnn1", language="en"))
    reports = [json.loads((tmp_path / name).read_text())
               for name in ("out/reports/a.json", "p/a.json")]  # fmt: skip
    assert {r["seed"] for r in reports} == {alone.report.seed}
    assert len({inputs_of(r) for r in reports}) == 1
    other = json.loads((tmp_path / "out/reports/b.json").read_text())
    assert other["seed"] != alone.report.seed
