"""`%check` in a real kernel: what it says, what no cell can change, and what it leaves behind."""

from __future__ import annotations

import html.parser
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import processes
from graders import own
from graders.grading import Grading, Request
from graders.messages import clean
from graders.notebook.history import _is_ours
from graders.submission.ran import Ran, read_ran, standing

pytest.importorskip("ipykernel", reason="ipykernel is not installed (pip install '.[dev]')")
from tests.kernels import Kernel

pytestmark = pytest.mark.xdist_group("notebook")  # one kernel for what only asks

CONV = """
class Conv1d:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        out, channels, size = self.W.shape
        self.n_out = x.shape[1] - size + 1
        a = np.zeros((out, self.n_out))
        for o in range(out):
            for i in range(self.n_out):
                for c in range(channels):
                    a[o, i] = np.sum(x[c, i : i + size] * self.W[o, c])
        return a + self.b[:, None]

    def backward(self, delta):
        out, channels, size = self.W.shape
        self.db = delta.sum(axis=1)
        self.dW = np.zeros(self.W.shape)
        dx = np.zeros(self.x.shape)
        for o in range(out):
            for i in range(self.n_out):
                self.dW[o] += delta[o, i] * self.x[:, i : i + size]
                dx[:, i : i + size] += delta[o, i] * self.W[o]
        return dx
"""
RIGHT = CONV.replace("a[o, i] = ", "a[o, i] += ")
SIZE = "def output_size(n_in, filter_size, padding=0, stride=1):\n    return (n_in + 2 * padding - filter_size) // stride + 1\n"
SLOW = "import time\ndef output_size(n_in, filter_size, padding=0, stride=1):\n    while True:\n        pass\n"
# What a cell can do to its own kernel; none of it reaches another process.
HOSTILE = """
import json, subprocess, sys
import IPython
import numpy as np
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
np.zeros = np.ones
IPython.core.displayhook.DisplayHook.compute_format_data = lambda self, r, *a, **k: ({}, {})
for name, module in list(sys.modules.items()):
    if name.startswith(("graders.checks", "graders.judging", "reference")):
        module.__dict__.clear()
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for the tests that only ask; each begins with names of its own cells."""
    with Kernel(tmp_path_factory.mktemp("notebook")) as started:
        assert not started.run("import numpy as np\n%load_ext scratchgrade").error
        yield started


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """Starts kernels of the test's own."""
    started: list[Kernel] = []

    def start(folder: Path = tmp_path) -> Kernel:
        started.append(Kernel(folder))
        started[-1].run("import numpy as np\n%load_ext scratchgrade")
        return started[-1]

    yield start
    for one in started:
        one.end()


def gone(pids: list[int], seconds: float = 20.0) -> bool:
    """Whether all of these processes have ended, or do so soon."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(map(processes.runs, pids)):
            return True
        time.sleep(0.05)
    return False


class Ids(html.parser.HTMLParser):
    """The ids of a page, and what refers to them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.used: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note them."""
        for name, value in attrs:
            if name == "id":
                self.found.append(value or "")
            elif name == "aria-labelledby" or (name == "href" and str(value).startswith("#")):
                self.used.append((value or "").lstrip("#"))


# -- a student's way ---------------------------------------------------------------------------


def test_run_check_edit_check(kernel: Kernel) -> None:
    kernel.run(CONV, "conv")
    names = "sorted(n for n in dir() if not n.startswith('_'))"
    before = kernel.value(f"({names}, id(np), id(Conv1d))")
    wrong = kernel.run("%check conv1d")
    assert "conv1d" in wrong.text and "7/10" in wrong.text
    assert "expected 22, got 13" in wrong.text and "expected 22, got 13" in wrong.html
    assert "▲" in wrong.html  # the heat map
    assert kernel.value(f"({names}, id(np), id(Conv1d))") == before
    kernel.run(RIGHT, "conv")
    right = kernel.run("result = %check conv1d")
    assert "10/10" in right.text and "7/10" not in right.text
    assert kernel.value("(result.passed, result.score, result.max_score, result.item)") == (
        True, 10.0, 10.0, "conv1d",
    )  # fmt: skip
    assert kernel.value("set(result.facets.values())") == {"passed"}
    assert kernel.value("result._repr_html_() is not None")
    later = kernel.run("result")  # asked for, and not swallowed as the magic's own value is
    assert "10/10" in later.text and later.html


def test_a_verdict_stands_once_in_its_cell(kernel: Kernel) -> None:
    kernel.run(RIGHT, "conv")
    assert kernel.run("%check conv1d").text.count("10/10") == 1
    both = kernel.run("%check conv1d\n%check conv1d --lang ja\n%check conv1d --lang en")
    assert both.text.count("10/10") == 3  # none is lost because another one follows


def test_the_html_is_whole_and_its_ids_are_its_own(kernel: Kernel) -> None:
    kernel.run(CONV, "conv")
    ids = Ids()
    for page in (kernel.run("%check conv1d").html, kernel.run("%check --sprint cnn1").html):
        ids.feed(page)
    assert ids.used and set(ids.used) <= set(ids.found)
    assert len(ids.found) == len(set(ids.found))


def test_all_of_a_sprint(kernel: Kernel) -> None:
    kernel.run(RIGHT, "conv")
    kernel.run(SIZE, "size")
    shown = kernel.run("whole = %check --sprint cnn1")
    assert "conv1d_out_size" in shown.text and "points" in shown.text
    assert kernel.value("(whole.item, whole.passed, whole.items['conv1d'].passed)") == (
        None, False, True,
    )  # fmt: skip
    assert kernel.value("whole.facets['conv1d/dX']") == "passed"
    assert kernel.value("whole.report['sprint']") == "cnn1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%check conv1", "did you mean conv1d?"),
        ("%check conv1d --langg ja", "--langg"),
        ("%check 'conv1d", "%check"),
        ("%hint", "%hint ITEM"),
        ("%check conv1d --policy nothing.yaml", "nothing.yaml"),
        ("%check conv1d fc", "conv1d, fc"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_a_sentence(kernel: Kernel, line: str, said: str) -> None:
    shown = kernel.run(line)
    assert said in shown.text and "Traceback" not in shown.text and not shown.error


def test_a_file_that_a_cell_writes(fresh: Callable[..., Kernel], tmp_path: Path) -> None:
    kernel = fresh()
    kernel.run(f"%%writefile sizes.py\n{SIZE}")
    kernel.run("from sizes import output_size")
    assert "2/2" in kernel.run("%check conv1d_out_size").text
    (tmp_path / "other.py").write_text(SIZE.replace("2 * padding", "padding"))
    kernel.run("from other import *")  # one that lies beside the notebook
    assert "0/2" in kernel.run("%check conv1d_out_size").text


# -- hints -------------------------------------------------------------------------------------


def test_the_ladder_of_hints(fresh: Callable[..., Kernel]) -> None:
    kernel = fresh()
    kernel.run(CONV, "conv")
    steps = [kernel.run("%hint conv1d").text for _ in range(4)]
    assert "forward is wrong at index (0, 1)." in steps[0] and "22" not in steps[0]
    assert "3 more: %hint conv1d" in steps[0]
    assert "last input channel" in steps[1]
    assert "In [" in steps[2] and "a[o, i] = np.sum(" in steps[2]
    assert "expected 22, got 13" in steps[3]
    assert "2*1 + 3*1 + 4*1 + 3*1 + 4*1 + 5*1 + 1 = 22" in steps[3]
    kernel.run(CONV.replace("delta.sum(axis=1)", "delta.sum(axis=0)"), "conv")
    assert "4/4" in kernel.run("%hint conv1d").text  # the same mistake comes first
    kernel.run(RIGHT.replace("delta.sum(axis=1)", "delta.sum(axis=0)"), "conv")
    assert "1/" in kernel.run("%hint conv1d").text  # another one: from the bottom
    kernel.run(RIGHT, "conv")
    assert "nothing to hint at" in kernel.run("%hint conv1d").text


def test_the_line_that_mends_it_is_told_where_that_is_asked_for(tmp_path: Path) -> None:
    from graders.notebook.desk import Desk

    desk, wrong = Desk(), RIGHT.replace("delta.sum(axis=1)", "delta.sum(axis=0)")
    runs = [{"prompt": 2, "source": "import numpy as np\n" + wrong, "id": "c", "failed": False}]
    question = {"line": "conv1d --lang en --repair", "folder": str(tmp_path), "notebook": "", "runs": runs}  # fmt: skip
    said = [
        str(desk.answer({**question, "what": what}, lambda *_: None)["text"])
        for what in ("check", "hint", "hint", "hint")
    ]
    assert "self.db = delta.sum(axis=1)" in said[0]  # before and after: everything is told
    assert "Which line" in said[-1]
    assert "look at the axes that are added up over" in said[-1]


def test_three_mistakes_are_mended_by_hints_alone(tmp_path: Path) -> None:
    from graders.notebook.desk import Desk

    desk, code = Desk(), CONV.replace("delta.sum(axis=1)", "delta.mean(axis=1)")
    code = code.replace("dx[:, i : i + size] += ", "dx[:, i : i + size] = ")

    def ask(what: str) -> str:
        runs = [{"prompt": 2, "source": "import numpy as np\n" + code, "id": "c", "failed": False}]
        question = {"what": what, "line": "conv1d --lang en", "folder": str(tmp_path), "notebook": "", "runs": runs}  # fmt: skip
        return str(desk.answer(question, lambda *_: None)["text"])

    # What the second step calls the mistake, and how such a line is mended.
    known = {
        "Only the last input channel counts": (" = ", " += "),
        "one share replaces the others": (" = ", " += "),
        "a mean over the positions instead of a sum": ("mean", "sum"),
    }
    for _ in known:
        steps = [ask("hint") for _ in range(3)]
        [(old, new)] = [mend for name, mend in known.items() if name in steps[1]]
        told = [
            line.split(maxsplit=1)[1]
            for line in steps[2].splitlines()
            if line[:8].strip().isdigit()
        ]
        told = [line for line in told if old in line and "zeros" not in line]
        assert len(told) == 1, steps
        code = code.replace(told[0], told[0].replace(old, new, 1))
    assert "10/10" in ask("check")


def test_no_hint_below_full_has_an_expected_number(tmp_path: Path) -> None:
    """Steps that can't be said are left out, and those above them do not come down."""
    from graders.notebook.desk import Desk

    (tmp_path / "scratchgrade-policy.yaml").write_text("feedback: hint\n")
    source = SIZE.replace("// stride + 1", "// stride + 12345")
    runs = [{"prompt": 1, "source": source, "id": "c", "failed": False}]
    question = {"what": "hint", "line": "conv1d_out_size", "folder": str(tmp_path), "notebook": "", "runs": runs}  # fmt: skip
    desk = Desk()
    said = [str(desk.answer(question, lambda *_: None)["text"]) for _ in range(5)]
    assert "no more" in said[-1] and "12345" in "".join(said)  # the line is the student's own
    assert not any("should be" in s or "worked out" in s for s in said)
    (tmp_path / "scratchgrade-policy.yaml").unlink()
    full = [str(desk.answer(question, lambda *_: None)["text"]) for _ in range(5)]
    assert any("worked out" in s for s in full)


def test_the_course_caps_hints_and_solutions(fresh: Callable[..., Kernel], tmp_path: Path) -> None:
    policy = tmp_path / "scratchgrade-policy.yaml"
    policy.write_text("feedback: hint\nhints: 2\n")
    kernel = fresh()
    kernel.run(CONV, "conv")
    shown = kernel.run("%check conv1d")
    number = re.compile(r"\b22\b")  # the page has an id of its own, of many digits
    assert not number.search(shown.text) and not number.search(shown.html)
    steps = [kernel.run("%hint conv1d").text for _ in range(3)]
    assert "1/2" in steps[0] and "2/2" in steps[1] and "2/2" in steps[2]
    assert "no more" in steps[1] and not any("np.sum(" in s for s in steps)
    assert "no solutions" in kernel.run("%solution conv1d").text
    policy.write_text("solution: passed\n")
    assert "once yours is right" in kernel.run("%solution conv1d").text
    kernel.run(RIGHT, "conv")
    solved = kernel.run("%solution conv1d").text
    assert (
        solved.count("class Conv1d") == 2 and "def backward" in solved
    )  # the answer, and what it calls
    policy.write_text("feedback: score\n")
    kernel.run(CONV, "conv")
    assert "no hints" in kernel.run("%hint conv1d").text


def test_a_problem_is_told_in_both_languages(kernel: Kernel) -> None:
    shown = kernel.run("%problem conv1d --lang ja")
    assert "畳み込み" in shown.text and "[[16, 22], [17, 23], [18, 24]]" in shown.text
    assert "floor((L + 2*P - F) / S) + 1" in shown.text and 'lang="ja"' in shown.html
    assert "Points" in kernel.run("%problem conv1d --lang en").text


# -- what a hostile cell can't do, and what is left behind -----------------------------------------


def test_a_hostile_kernel_changes_no_verdict(fresh: Callable[..., Kernel]) -> None:
    kernel = fresh()
    kernel.run(CONV, "conv")
    before = kernel.run("r = %check conv1d\nfacets = dict(r.facets)")
    kernel.run(HOSTILE.replace("np.zeros = np.ones\n", ""))
    after = kernel.run("r = %check conv1d")
    assert "7/10" in before.text and "7/10" in after.text
    assert kernel.value("r.facets == facets and not r.passed")
    # In the process that runs the cells its patches hold, and there they can only fail.
    assert not kernel.run(HOSTILE).error
    assert kernel.value("not (lambda r: r.passed)(get_ipython().run_line_magic('check', 'conv1d'))")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_ctrl_c_ends_a_check_and_leaves_nothing(fresh: Callable[..., Kernel]) -> None:
    kernel = fresh()
    kernel.run(SLOW, "size")
    asked = kernel.begin("%check conv1d_out_size")
    deadline = time.monotonic() + 60
    while len(processes.descendants(kernel.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.5)  # the student's process is in its endless loop
    started = processes.descendants(kernel.pid)
    assert started
    kernel.interrupt()
    shown = kernel.heard(asked)
    assert "KeyboardInterrupt" in shown.error and "stopped" in shown.text
    assert any(" ..." in text for text in shown.seen)  # it said what it was doing
    assert len(shown.places) == 1
    assert gone(started)
    kernel.run(SIZE, "size")
    assert "2/2" in kernel.run("%check conv1d_out_size").text  # it starts anew


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("way", ["ended", "killed"])
def test_nothing_outlives_the_kernel(fresh: Callable[..., Kernel], way: str) -> None:
    kernel = fresh()
    kernel.run(SIZE, "size")
    assert "2/2" in kernel.run("%check conv1d_out_size").text
    # What the kernel forked holds its end of the pipe.
    kernel.run("import os, time\nif not (child := os.fork()):\n    time.sleep(60)\n    os._exit(0)")
    child = int(kernel.value("child"))
    started = [p for p in processes.descendants(kernel.pid) if p != child]
    assert started
    if way == "ended":
        kernel.end()
    else:
        os.kill(kernel.pid, signal.SIGKILL)
    try:
        assert gone(started)
    finally:
        os.kill(child, signal.SIGKILL)


def test_unloading_takes_all_of_it_away(fresh: Callable[..., Kernel]) -> None:
    kernel = fresh()
    started = processes.descendants(kernel.pid)
    assert started
    kernel.run("%unload_ext scratchgrade")
    assert gone(started)
    assert "not found" in kernel.run("%check conv1d").text


def test_no_walls_are_told_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from graders.notebook.desk import Desk
    from graders.sandbox.isolation import Wanted

    limits = Wanted(ceiling="limits")
    monkeypatch.setattr("graders.grading.Wanted", lambda required: limits)
    desk = Desk()
    question = {
        "what": "check", "line": "conv1d_out_size", "folder": str(tmp_path), "notebook": "",
        "runs": [{"prompt": 1, "source": SIZE, "id": "", "failed": False}],
    }  # fmt: skip
    said = [desk.answer(question, lambda *_: None)["text"] for _ in range(2)]
    assert "not walled off" in said[0] and "2/2" in said[0]
    assert "not walled off" not in said[1] and "2/2" in said[1]


# -- what was run, as a submission ------------------------------------------------------------------


def ran(*sources: str | tuple[str, str], failed: tuple[int, ...] = ()) -> list[Ran]:
    """Runs of cells: a source alone, or (the cell's name, its source)."""
    pairs = [("", s) if isinstance(s, str) else s for s in sources]
    return [Ran(n, s, i, n in failed) for n, (i, s) in enumerate(pairs, 1)]


A, A2 = (
    "class A:\n    def f(self):\n        return 1\n",
    "class A:\n    def f(self):\n        return 2\n",
)


@pytest.mark.parametrize(
    ("runs", "stands"),
    [
        (ran(("a", A), ("b", "x = A()"), ("a", A2)), [3, 2]),  # edited: in its own place
        (ran(A, "x = A()", A2), [3, 2]),  # the same without names of cells
        (ran(("a", A), ("b", A), ("a", A2)), [3, 2, 3]),  # another cell has taken its name since
        (ran(("b", "x = A()"), ("a", A), ("b", "x = A()"), failed=(1,)), [2, 3]),  # too early once
        (ran("import numpy as np", "import numpy as np"), [2]),
        (ran("x = 1", "x = 2"), [1, 2]),  # nothing tells that it is one cell
        (ran("%%writefile a.py\nx = 1", "%%writefile a.py\ny = 2"), [2]),
        (ran("%%writefile -a a.py\nx = 1", "%%writefile -a a.py\nx = 2"), [1, 2]),
        (ran("%%time\nx = 1", "%%time\nx = 2"), [1, 2]),
        (ran(A, "class A:\n    y = 0\n    z = 1\n    def g(self): pass\n"), [1, 2]),
    ],
)
def test_which_runs_stand(runs: list[Ran], stands: list[int]) -> None:
    assert [run.prompt for run in standing(runs)] == stands


def test_headings_come_from_the_notebook(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    notebook = write_notebook(
        "md:## Problem 4\nIt is about arrays of any size, as we said.", A, "y = 1"
    )
    read = read_ran(ran(A2, "y = 1", "z = 1"), Path("n.ipynb"), tmp_path, notebook)
    assert [c.section.problems for c in read.cells] == [(), (4,), (4,)]  # A2 is not saved yet
    named = read_ran(ran(("n", A2)), Path("n.ipynb"), tmp_path, None)
    assert (
        named.cells[0].section.problems == ()
        and named.place(0, 2).in_language("en") == "In [1], line 2"
    )
    other = write_notebook("md:## Problem 9", "unlike = 1", name="other.ipynb")
    assert read_ran(ran("y = 1"), Path("n.ipynb"), tmp_path, other).prose == ""  # not its notebook


def checkout(folder: Path, *others: str) -> Path:
    """A folder that has what a copy of the project is known by, each with a module in it."""
    for name in [*own.MARKS, *others]:
        mark = folder / name / own.MARKS.get(name, "any.py")
        mark.parent.mkdir(parents=True)
        mark.write_text("")
        (folder / name / "layers.py").write_text("")
    return folder


@pytest.mark.parametrize("place", [".", "reference", "graders/sandbox", "tests", "above"])
def test_a_kernel_in_a_clone_takes_nothing_of_ours(tmp_path: Path, place: str) -> None:
    """The reference would answer for the cells that import it."""
    folder = checkout(tmp_path / "clone", "tests", "examples") / place
    (tmp_path / "clone" / "linked").symlink_to("reference")
    folder = tmp_path if place == "above" else folder
    (folder / "mine.py").write_text("import reference\nimport sandbox\n")
    code = "import reference, graders.layers, specs, tests.layers, clone.reference, mine, layers, examples, linked"
    read = read_ran(ran(f"{code}\n%run reference/layers.py"), Path("n.ipynb"), folder)
    names = [name for name, _ in read.companions]
    own_ones = place in ("reference", "graders/sandbox")
    mine = [] if own_ones else ["mine.py"] + (["layers.py"] if place == "tests" else [])
    assert names == sorted(mine)


def test_another_package_called_reference_is_taken(tmp_path: Path) -> None:
    for name in ("reference", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text("")
    read = read_ran(ran("import reference.mine, tests.mine"), Path("n.ipynb"), tmp_path)
    assert [name for name, _ in read.companions] == ["reference/mine.py", "tests/mine.py"]


def test_an_installed_courses_package_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("course", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "answers.py").write_text("")
    (tmp_path / "alias").symlink_to("course")
    (tmp_path / "plugin.py").write_text("")
    places = (tmp_path / "course", tmp_path / "plugin.py")
    monkeypatch.setattr("graders.submission.ran._places_of_courses", lambda: places)
    read = read_ran(ran("import alias, course, plugin, other"), Path("n.ipynb"), tmp_path)
    assert [name for name, _ in read.companions] == ["other/answers.py"]


def test_a_module_that_many_cells_import_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("#" * 60)
    (tmp_path / "other.py").write_text("#" * 30)
    monkeypatch.setattr("graders.submission.ran.MAX_COMPANION_BYTES", 100)
    cells = ran("import other", *(f"import mine  # {n}" for n in range(5)))
    read = read_ran(cells, Path("n.ipynb"), tmp_path)
    assert [name for name, _ in read.companions] == ["mine.py", "other.py"]


@pytest.mark.parametrize(
    ("source", "ours"),
    [
        ("%check conv1d", True),
        ("# now\n%check conv1d\n\n%hint conv1d", True),
        ("r = %check conv1d", True),
        ("%load_ext scratchgrade", True),
        ("x = 1\n%check conv1d", False),
        ("%checkered", False),
        ("%load_ext autoreload", False),
    ],
)
def test_cells_that_only_ask_are_left_out(source: str, ours: bool) -> None:
    assert _is_ours(source) is ours


def test_a_saved_notebook_with_checks_in_it_is_graded_like_any(
    write_notebook: Callable[..., Path],
) -> None:
    path = write_notebook(
        "%load_ext scratchgrade", SIZE, "%check conv1d_out_size\n%hint conv1d_out_size",
        "result = %check --sprint cnn1\nassert not result.passed or result.items['fc'].passed", "%problem conv1d_out_size\n%solution conv1d_out_size",
    )  # fmt: skip
    grading = Grading(Request(path, sprint="cnn1", language="en"))
    grading.select(frozenset(["conv1d_out_size"]))
    for _ in grading.events():
        pass
    grading.finish()
    data = grading.report.as_dict()
    assert data["score"] == 2 and data["load"]["notes"] == []
    assert {c["status"] for c in data["load"]["cells"]} == {"ok"}


def test_no_other_command_knows_of_it() -> None:
    line = "import sys, graders.commands; print([m for m in sys.modules if 'notebook' in m or m == 'IPython'])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import scratchgrade; {line}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
    assert clean(done.stderr) == ""
