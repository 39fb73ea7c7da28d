"""The command `pytest graders`: exit statuses, ids, options, and a report whatever happens."""

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.processes import descendants
from graders.specs import BUILTIN
from tests import warm
from tests.built_in import built_in_sprints

Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parent.parent
SPRINT = built_in_sprints()["cnn1"]
RIGHT = ROOT / "submissions" / "right" / "channels_last.py"
ONE_ITEM = ("-k", "conv1d_out_size")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")

SIMPLE = '''
import numpy as np
class SimpleConv1d:
    """One channel."""
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        n = len(x) - len(self.W) + 1
        return np.array([np.sum(x[i:i + len(self.W)] * self.W) for i in range(n)]) + self.b
    def backward(self, dA):
        self.dW = np.array([np.sum(dA * self.x[s:s + len(dA)]) for s in range(len(self.W))])
        self.db = np.array([np.sum(dA)])
        dx = np.zeros(len(self.x))
        for i, d in enumerate(dA):
            dx[i:i + len(self.W)] += d * self.W
        return dx
'''
SIZE = "def output_size(n_in, filter_size, padding=0, stride=1):\n    return (n_in + 2 * padding - filter_size) // stride + 1"
CONV = """
class Conv1d:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        n = x.shape[1] - self.W.shape[2] + 1
        y = np.zeros((len(self.W), n))
        for i in range(n):
            y[:, i] = np.sum(x[None, :, i:i + self.W.shape[2]] * self.W, axis=(1, 2)) + self.b
        return y
    def backward(self, dA):
        self.db, self.dW, dx = dA.sum(axis=1), np.zeros(self.W.shape), np.zeros(self.x.shape)
        for i in range(dA.shape[1]):
            window = self.x[None, :, i:i + self.W.shape[2]]
            self.dW += dA[:, i][:, None, None] * window
            dx[:, i:i + self.W.shape[2]] += np.sum(dA[:, i][:, None, None] * self.W, axis=0)
        return dx
"""
GOOD = ("md:# 【問題1】", SIMPLE, "md:# 【問題2】", SIZE, "md:# 【問題4】", CONV)


@dataclass(frozen=True)
class Run:
    """A finished command."""

    status: int
    text: str
    report: dict[str, Any] | None

    def statuses(self) -> dict[str, str]:
        """The status of each item in the report."""
        assert self.report is not None, self.text
        return {i["id"]: i["status"] for i in self.report["items"]}


@functools.cache
def validator() -> jsonschema.Draft202012Validator:
    """The report's schema."""
    text = (BUILTIN / "report.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def read(path: Path) -> dict[str, Any] | None:
    """The report in a file, which must be valid; None if there is none."""
    if not path.is_file():
        return None
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    validator().validate(data)
    return data


def command(submission: Path | str, report: Path | None, *more: str) -> list[str]:
    """The command line of a grading."""
    line = [*PYTEST, "graders", "--submission", str(submission)]
    if "--sprint" not in more:
        line += ["--sprint", "cnn1"]
    if report is not None:
        line += ["--report", str(report)]
    for check in ("training", "repeat"):  # these tests are about the front-end; training takes long
        if "--collect-only" not in more:
            line += ["--deselect", f"graders/test_problems.py::cnn1/cnn1d_classifier/{check}"]
    return [*line, *more]


# A sign that a student's process can give from behind its walls: a crew of threads, for a second.
CREW = 12
SIGN = f"""\
import threading, time
crew = [threading.Thread(target=time.sleep, args=(1.5,), daemon=True) for _ in range({CREW})]
for one in crew: one.start()
for one in crew: one.join()"""


def signing(pid: int) -> set[int]:
    """Those of them that give the sign."""
    found = set()
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{one}/status").read_text()
            threads = re.search(r"^Threads:\s*(\d+)", text, re.MULTILINE)
            if threads and int(threads[1]) > CREW:
                found.add(one)
    return found


def watched(line: list[str]) -> tuple[int, str, set[int]]:
    """Exit status and output of a command, and the processes that gave the sign meanwhile."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(line, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        seen: set[int] = set()
        for _ in range(3000):
            seen |= signing(process.pid)
            if process.poll() is not None:
                break
            time.sleep(0.05)
        process.kill()
        process.wait()
        output.seek(0)
        return process.returncode, output.read(), seen


def grade(submission: Path | str, folder: Path, *more: str, report: Path | None = None) -> Run:
    """Grade as users do; whatever happened, there is no traceback."""
    report = report or folder / "report.json"
    line = command(submission, report, *more)
    done = warm.run(line, timeout=150)
    text = done.stdout + done.stderr
    assert "Traceback" not in text, text
    assert "INTERNALERROR" not in text, text
    return Run(done.returncode, text, read(report))


def without_times(value: Any) -> Any:
    """A report without what may differ from run to run: times and what takes time."""
    if isinstance(value, dict):
        timed = ("seconds", "started_at", "duration_s")
        return {k: without_times(v) for k, v in value.items() if k not in timed}
    return [without_times(v) for v in value] if isinstance(value, list) else value


def error_lines(text: str) -> list[str]:
    """The lines that begin with ERROR."""
    return [line for line in text.splitlines() if line.startswith("ERROR")]


# -- what can't be graded ------------------------------------------------------------------------


def unreadable(folder: Path) -> dict[str, tuple[Path, str]]:
    """Submissions that can't be graded, each with a part of its sentence."""
    contents = {
        "a.txt": (b"x = 1", "not a notebook"),
        "binary.ipynb": (bytes(range(256)) * 8, "binary.ipynb"),
        "nothing.ipynb": (b"", "empty"),
        "cells.ipynb": (b'{"cells": [], "metadata": {}, "nbformat": 4}', "no code"),
        "list.ipynb": (b"[1, 2]", "no cells"),
        "old.ipynb": (b'{"worksheets": [3], "nbformat": 3}', "format 3"),
        "blank.py": (b"\n\n", "no code"),
    }
    found = {}
    for name, (content, reason) in contents.items():
        (folder / name).write_bytes(content)
        found[name] = (folder / name, reason)
    (folder / "empty").mkdir()
    return found | {
        "empty": (folder / "empty", "no notebook"),
        "missing.ipynb": (folder / "missing.ipynb", "no such file"),
    }


@pytest.mark.parametrize(
    "name",
    ["a.txt", "binary.ipynb", "nothing.ipynb", "cells.ipynb", "list.ipynb", "old.ipynb",
     "blank.py", "empty", "missing.ipynb"],
)  # fmt: skip
def test_what_is_no_notebook_is_one_clear_line_and_a_report(tmp_path: Path, name: str) -> None:
    path, reason = unreadable(tmp_path)[name]
    run = grade(path, tmp_path)
    assert run.status >= 2
    (line,) = error_lines(run.text)
    assert reason in line
    assert run.report is not None
    assert reason in run.report["error"]
    assert run.report["complete"] is False


def test_a_path_that_is_no_text_is_one_clear_line(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.ipynb")
    run = grade(name, tmp_path)
    assert run.status >= 2
    assert run.report is not None
    assert "no such file" in str(run.report["error"])


def test_a_submission_whose_name_is_no_text_is_graded(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")
    shutil.copyfile(RIGHT, name)
    run = grade(name, tmp_path, *ONE_ITEM)
    assert run.status == 0, run.text
    assert run.statuses()["conv1d_out_size"] == "passed"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--sprint", "cnn9"), "unknown sprint"),
        (("--sprint", ""), "unknown sprint"),
        (("--specs", "no/such/folder"), "no such folder of specs"),
        (("--student-python", "/no/such/python"), "--student-python"),
        (("--student-python", "/bin/true"), "--student-python"),
        (("--seed", "-1"), "--seed"),
        (("--budget", "-5"), "--budget"),
        (("--budget", "nan"), "--budget"),
    ],
)
def test_an_option_that_can_not_be_used_is_one_clear_line_and_a_report(
    tmp_path: Path, more: tuple[str, ...], reason: str
) -> None:
    run = grade(RIGHT, tmp_path, *more)
    assert run.status >= 2
    assert sum(reason in line for line in error_lines(run.text)) == 1, run.text
    assert run.report is not None
    assert reason in run.report["error"]


def test_no_submission_at_all_says_what_to_do(tmp_path: Path) -> None:
    line = [*PYTEST, "graders"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode >= 2
    assert "--submission" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_another_kind_of_submission_is_none_of_the_sprint(
    write_notebook: Write, tmp_path: Path
) -> None:
    run = grade(write_notebook("print('hello')"), tmp_path, "--sprint", "auto")
    assert run.status >= 2
    assert len(error_lines(run.text)) == 1
    assert run.report is not None
    assert "not a submission for" in run.report["error"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_malformed_spec_is_one_clear_line_and_a_report(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(BUILTIN / "cnn1", specs / "cnn1")
    file = specs / "cnn1" / "conv1d.yaml"
    file.write_text(file.read_text("utf-8").replace("kind: layer", "kind: layr"), "utf-8")
    run = grade(RIGHT, tmp_path, "--specs", str(specs), *workers)
    assert run.status >= 2
    (line,) = error_lines(run.text)
    assert re.search(r"conv1d\.yaml, line \d+, key kind: .*did you mean 'layer'", line)
    assert run.report is not None
    assert "conv1d.yaml" in run.report["error"]


@pytest.mark.parametrize("place", ["folder", "missing/report.json", "file/report.json"])
@pytest.mark.parametrize("path", [RIGHT, "missing.ipynb"], ids=["graded", "unreadable"])
def test_a_report_that_can_not_be_written_is_put_where_the_message_says(
    tmp_path: Path, place: str, path: Path | str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    run = grade(path, tmp_path, *ONE_ITEM, report=tmp_path / place)
    assert run.status >= 2
    (line,) = (t for t in run.text.splitlines() if "can't be written" in t)
    match = re.search(r"the report is in (\S+\.json)", line)
    assert match
    fallback = Path(match.group(1))
    assert read(fallback) is not None
    fallback.unlink()
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_report_never_overwrites_the_submission(tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    shutil.copyfile(RIGHT, path)
    line = command(path, path, *ONE_ITEM)
    done = warm.run(line, timeout=100)
    assert done.returncode >= 2
    assert path.read_bytes() == RIGHT.read_bytes()


# -- notebooks that do odd things ----------------------------------------------------------------

ODD = {
    "does not compile": ("class A:\n    def f(self:\n", "error"),
    "sys.exit": ("import sys; sys.exit()", "error"),
    "os._exit": ("import os; os._exit(0)", "died"),
    "loops for ever": ("while True: pass", "timeout"),
    "prints 100 MB": ("print('x' * 100_000_000)", "ok"),
    "prints 100 MB in pieces": ("for _ in range(100): print('y' * 1_000_000)", "ok"),
    "SystemExit in a class body": ("class A:\n    raise SystemExit", "error"),
    "allocates without end": ("import numpy as np\na = []\nwhile True: a.append(np.zeros(10**7))", "error"),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", "died"),
    "a workflow command": ("raise ValueError('::error::\\x1b[2J\\n::set-output name=x::y')", "error"),
    "a surrogate": ("raise ValueError('\\ud800')", "error"),
    "forged frames": ("import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'SG1')\n    except OSError: pass", "died"),
    "a patched numpy": ("import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True\nnp.abs = lambda x: x * 0", "ok"),
    "a deep expression": ("def deep():\n    return " + " + ".join(["1"] * 700), "ok"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "status"), ODD.values(), ids=ODD.keys())
def test_an_odd_cell_costs_only_itself(
    write_notebook: Write, tmp_path: Path, source: str, status: str
) -> None:
    path = write_notebook(*GOOD[:4], source, *GOOD[4:])
    run = grade(path, tmp_path, "--budget", "6")
    assert run.report is not None
    odd = [c["status"] for c in run.report["load"]["cells"] if c["index"] == 4]
    assert odd == [status], run.text
    assert [run.statuses()[i] for i in ("simple_conv1d", "conv1d_out_size", "conv1d")] == [
        "passed"
    ] * 3, run.text
    assert run.status == 0
    assert run.report["complete"] is True
    assert "\x1b[2J" not in run.text
    assert not re.search(r"^\s*::", run.text, re.MULTILINE)
    assert len(run.text) < 20_000


def test_a_notebook_of_format_3_is_graded(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "input": s, "outputs": [], "language": "python", "metadata": {}}
             for s in (SIMPLE, SIZE, CONV)]  # fmt: skip
    path = tmp_path / "old.ipynb"
    path.write_text(
        json.dumps({"worksheets": [{"cells": cells}], "metadata": {}, "nbformat": 3,
                    "nbformat_minor": 0})
    )  # fmt: skip
    run = grade(path, tmp_path)
    assert run.status == 0, run.text
    assert run.statuses()["conv1d"] == "passed"


def test_a_layer_that_ends_the_process_fails_and_the_others_pass(
    write_notebook: Write, tmp_path: Path
) -> None:
    deadly = "class Conv1d:\n    def __init__(self, W, b): self.W, self.b = W, b\n" \
             "    def forward(self, x):\n        import os; os._exit(0)\n    def backward(self, dA): pass"  # fmt: skip
    run = grade(write_notebook(*GOOD[:4], GOOD[4], deadly), tmp_path)
    assert run.status == 1
    statuses = run.statuses()
    assert statuses["conv1d"] in ("error", "failed")
    assert [statuses["simple_conv1d"], statuses["conv1d_out_size"]] == ["passed", "passed"]


# -- exit status and options ---------------------------------------------------------------------


def test_optional_items_that_are_missing_are_never_red(
    write_notebook: Write, tmp_path: Path
) -> None:
    run = grade(write_notebook(*GOOD), tmp_path)
    assert run.status == 0, run.text
    statuses = run.statuses()
    assert {statuses[i.id] for i in SPRINT.items if not i.required} == {"missing"}
    assert run.report is not None
    assert run.report["score"] == run.report["max_score"]


@pytest.mark.parametrize("left_out", [1, 3, 5])
def test_a_required_item_that_is_missing_is_red(
    write_notebook: Write, tmp_path: Path, left_out: int
) -> None:
    cells = [c if i != left_out else "import numpy as np" for i, c in enumerate(GOOD)]
    run = grade(write_notebook(*cells), tmp_path)
    assert run.status == 1
    name = ["simple_conv1d", "conv1d_out_size", "conv1d"][left_out // 2]
    assert run.statuses()[name] == "missing"


@functools.cache
def ids() -> tuple[str, ...]:
    """The ids that are collected."""
    line = command(RIGHT, None, "--collect-only", "-q")
    done = warm.run(line, timeout=100)
    assert done.returncode == 0, done.stdout
    found = re.findall(r"^\S+::(\S+)$", done.stdout, re.MULTILINE)
    return tuple(found)


def test_ids_are_sprint_item_check() -> None:
    assert len(ids()) == len(set(ids()))
    parts = [id_.split("/") for id_ in ids()]
    assert {len(p) for p in parts} == {3}
    assert {p[0] for p in parts} == {"cnn1"}
    assert list(dict.fromkeys(p[1] for p in parts)) == [i.id for i in SPRINT.items]
    assert "cnn1/conv1d/dW" in ids()


def test_collecting_runs_nothing(write_notebook: Write, tmp_path: Path) -> None:
    path = write_notebook(SIGN, *GOOD)
    status, _, seen = watched(command(path, tmp_path / "report.json", "--collect-only"))
    assert status == 0
    assert not seen


def passed(text: str) -> list[str]:
    """Ids that -v shows, of whatever outcome."""
    return re.findall(r"::(cnn1/\S+) (?:PASSED|FAILED|SKIPPED|XFAIL)", text)


@pytest.mark.parametrize(
    ("more", "pattern"),
    [
        (("-k", "simple_conv1d"), r"cnn1/simple_conv1d/"),
        (("-k", "conv1d and dW and not simple and not optional"), r"/dW"),
        (("-m", "required"), r"cnn1/(simple_conv1d|conv1d_out_size|conv1d|cnn1d_classifier)/"),
        (("-m", "optional"), r"cnn1/conv1d_(padding|batch|stride)/"),
        (("--deselect", "graders/test_problems.py::cnn1/conv1d/dX"), r"^(?!cnn1/conv1d/dX$)"),
    ],
)
def test_k_and_m_choose_checks(tmp_path: Path, more: tuple[str, ...], pattern: str) -> None:
    run = grade(RIGHT, tmp_path, "-v", *more)
    assert run.status == 0, run.text
    chosen = passed(run.text)
    assert chosen
    assert all(re.search(pattern, id_) for id_ in chosen)
    assert len(chosen) < len(ids())


def test_items_that_were_not_chosen_are_skipped_in_the_report(tmp_path: Path) -> None:
    run = grade(RIGHT, tmp_path, "-k", "simple_conv1d")
    statuses = run.statuses()
    assert statuses.pop("simple_conv1d") == "passed"
    assert set(statuses.values()) <= {"skipped", "manual"}


def test_a_node_id_chooses_one_check(tmp_path: Path) -> None:
    line = command(RIGHT, None, "-v")
    line[line.index("graders")] = "graders/test_problems.py::cnn1/conv1d/dW"
    done = warm.run(line, timeout=100)
    assert done.returncode == 0, done.stdout
    assert passed(done.stdout) == ["cnn1/conv1d/dW"]


def test_x_stops_at_the_first_check_that_is_wrong(write_notebook: Write, tmp_path: Path) -> None:
    wrong = SIZE.replace("+ 1", "+ 2")
    run = grade(write_notebook(*GOOD[:2], wrong, *GOOD[4:]), tmp_path, "-x")
    assert run.status == 1
    assert run.report is not None
    assert run.report["complete"] is False
    statuses = run.statuses()
    assert statuses["simple_conv1d"] == "passed"
    assert statuses["conv1d_out_size"] == "failed"
    assert statuses["conv1d"] == "skipped"


# -- workers, determinism, once ------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ONE_ITEM], ids=["all", "-k"])
def test_workers_change_nothing_but_the_time(
    write_notebook: Write, tmp_path: Path, more: tuple[str, ...]
) -> None:
    path = write_notebook(SIGN, *GOOD[:4], CONV + "\n1/0")
    reports = []
    for number, many in enumerate([(), ("-n", "2")]):
        report = tmp_path / f"{number}.json"
        status, text, seen = watched(command(path, report, *many, *more))
        assert status == 0, text
        assert len(seen) == 1  # executed once
        reports.append(without_times(read(report)))
    assert reports[0] == reports[1]


def test_the_same_submission_gets_the_same_report(tmp_path: Path) -> None:
    path = ROOT / "submissions" / "wrong" / "last_channel_only.ipynb"
    reports = [grade(path, tmp_path).report for _ in range(2)]
    assert without_times(reports[0]) == without_times(reports[1])
    assert reports[0] is not None
    assert reports[0]["seed"] != 0


def test_a_seed_that_is_given_is_used(tmp_path: Path) -> None:
    path = ROOT / "submissions" / "wrong" / "last_channel_only.ipynb"
    one, two, again = (grade(path, tmp_path, "--seed", s).report for s in ("1", "2", "1"))
    assert one is not None
    assert one["seed"] == 1
    assert without_times(one) == without_times(again)
    assert without_times(one)["items"] != without_times(two)["items"]


# -- nothing of the student's runs in our process ------------------------------------------------


@pytest.mark.parametrize("first", [True, False], ids=["submission first", "submission last"])
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_nothing_beside_the_submission_steers_the_grader(
    tmp_path: Path, whole: bool, first: bool
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    mark = tmp_path / "mark"
    evil = f"import os\nopen({str(mark)!r}, 'a').write(__name__ + ' ')\n"
    (folder / "conftest.py").write_text(evil)
    (folder / "evilplugin.py").write_text(evil)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p evilplugin\npythonpath = .\n")
    (folder / "work.py" if not whole else folder / "work.ipynb").write_text(
        RIGHT.read_text("utf-8") if not whole
        else json.dumps({"cells": [{"cell_type": "code", "source": RIGHT.read_text("utf-8")}]})
    )  # fmt: skip
    path = folder if whole else folder / "work.py"
    line = [*PYTEST, *ONE_ITEM]
    line += (
        ["--submission", str(path), "graders"] if first else ["graders", "--submission", str(path)]
    )
    line += ["--sprint", "cnn1"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=100)
    if first:
        # pytest itself takes settings from beside its first argument, before any plugin is
        # asked: the grading is refused, and the message says how to write the command.
        assert done.returncode == 4, done.stdout
        assert "pytest graders --submission PATH" in done.stderr
        assert "conv1d_out_size" not in done.stdout
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert not mark.exists(), mark.read_text()


# -- being stopped -------------------------------------------------------------------------------


def wait_until(true: Callable[[], object], what: str) -> None:
    """Wait for something that happens sooner or later."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


def _hear_interrupts() -> None:
    """A test run in the background ignores SIGINT, and its children would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def stopped(path: Path, folder: Path, how: signal.Signals, more: Sequence[str]) -> Run:
    """Start a grading, stop it once the student's code has given its sign, see what is left."""
    report = folder / "report.json"
    line = command(path, report, *more)
    process = subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, preexec_fn=_hear_interrupts,
    )  # fmt: skip
    try:
        wait_until(lambda: signing(process.pid), "the cell began")
        inside = descendants(process.pid)
        process.send_signal(how)
        text, _ = process.communicate(timeout=100)
        wait_until(lambda: not any(Path(f"/proc/{p}").exists() for p in inside), "all ended")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert inside
    return Run(process.returncode, text, read(report))


@pytest.mark.parametrize(
    ("where", "workers", "how"),
    [
        ("load", (), signal.SIGINT),
        ("check", (), signal.SIGINT),
        ("load", ("-n", "2"), signal.SIGINT),
        ("check", ("-n", "2"), signal.SIGINT),
        ("load", (), signal.SIGTERM),
        ("check", (), signal.SIGTERM),
    ],
    ids=["load", "check", "load-workers", "check-workers", "load-term", "check-term"],
)
def test_a_run_that_is_stopped_still_writes_its_report(
    write_notebook: Write, tmp_path: Path, where: str, workers: tuple[str, ...], how: signal.Signals
) -> None:
    wait = f"{SIGN}\nfor _ in range(600): time.sleep(0.1)\n"
    if where == "load":
        path = write_notebook(*GOOD[:4], wait, *GOOD[4:])
    else:
        inner = "        " + wait.strip().replace("\n", "\n        ")
        slow = CONV.replace("        self.x = x\n", inner + "\n", 1)
        path = write_notebook(*GOOD[:4], slow)
    run = stopped(path, tmp_path, how, ("--budget", "60", *workers))
    assert run.status >= 2, run.text
    assert run.report is not None, run.text
    assert run.report["complete"] is False
    assert "INTERNALERROR" not in run.text
    assert "Traceback" not in run.text, run.text
    if where == "check":
        assert run.statuses()["simple_conv1d"] == "passed"
    assert run.statuses()["conv1d"] == "skipped"
