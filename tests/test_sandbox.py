"""The student's process: real cells and calls in it, its limits, its certain end."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.errors import UsageError
from graders.sandbox.isolation import Wanted
from graders.sandbox.process import Limits, ProcessDied, StudentProcess
from graders.sandbox.session import Budget, Outcome, Session
from graders.submission import Cell, Section, Submission

GIB = 2**30
Open = Callable[..., Session]


def submission(*sources: str, **more: Any) -> Submission:
    """A notebook of these cells."""
    cells = tuple(Cell(i, source, Section()) for i, source in enumerate(sources))
    return Submission(Path("x.ipynb"), "notebook", "", cells, "\n".join(sources), "en", **more)


@pytest.fixture
def load(student_python: str) -> Iterator[Open]:
    """Opens sessions on cells and runs these; all sessions end with the test."""
    sessions: list[Session] = []

    def open_(*sources: str, budget: Budget | None = None, **more: Any) -> Session:
        work = submission(*sources, companions=more.pop("companions", ()))
        session = Session(work, student_python, budget or Budget(), **more)
        sessions.append(session)
        session.load()
        return session

    yield open_
    for session in sessions:
        session.close()


@pytest.fixture
def student_python() -> str:
    """The interpreter of the tests."""
    import sys

    return sys.executable


def statuses(session: Session) -> list[str]:
    """What became of each cell, in order."""
    return [session.runs[i].status for i in sorted(session.runs)]


def call(session: Session, name: str, *args: object, cell: int = 99, **more: Any) -> Outcome:
    """Call a function of the student's with plain values; the result is kept as y."""
    step = {"do": "call", "name": name, "cell": cell, "keep": "y",
            "args": [{"v": a} for a in args]}  # fmt: skip
    return session.run([step], [], **more)


def result(outcome: Outcome) -> float:
    """The number that a call returned."""
    assert outcome.ok, outcome
    (found,) = outcome.found
    return float(found.array)


def gone(pid: int) -> bool:
    """True once no process of the group is left (zombies that nobody waits for aside)."""
    for _ in range(200):
        alive = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(fields[2]) == pid and fields[0] != "Z":
                    alive.append(folder.name)
        if not alive:
            return True
        time.sleep(0.05)
    return False


# -- cells ---------------------------------------------------------------------------------------


def test_cells_run_in_order_in_one_namespace(load: Open) -> None:
    session = load("x = 1", "x += 1\nprint(x)", "def f(): return x * 10", "x")
    assert statuses(session) == ["ok"] * 4
    assert session.runs[1].output.strip() == "2"
    assert session.runs[3].output.strip() == "2"
    assert session.runs[2].names == {"f"}
    assert result(call(session, "f")) == 20


def test_an_error_names_cell_and_line_and_the_next_cell_runs(load: Open) -> None:
    session = load("def f(n):\n    a = 1\n    return a / n", "x = 1\nf(0)", "y = 2")
    assert statuses(session) == ["ok", "error", "ok"]
    error = session.runs[1].error
    assert error is not None
    assert (error.type, error.message) == ("ZeroDivisionError", "division by zero")
    assert (error.cell, error.line, error.text) == (0, 3, "return a / n")
    assert "y" in session.runs[2].names


def test_a_cell_that_does_not_compile_names_its_line(load: Open) -> None:
    session = load("a = 1\nb = = 2\n", "y = 2")
    assert statuses(session) == ["error", "ok"]
    error = session.runs[0].error
    assert error is not None
    assert (error.type, error.cell, error.line) == ("SyntaxError", 0, 2)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import sys; sys.exit()", "SystemExit"), ("raise SystemExit(3)", "SystemExit"),
        ("class A:\n    raise SystemExit", "SystemExit"), ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseException('all')", "BaseException"), ("raise GeneratorExit", "GeneratorExit"),
        ("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "E"),
        ("def deep(): deep()\ndeep()", "RecursionError"), ("input()", ""), ("1/0", "ZeroDivisionError"),
        ("assert False, '\\ud800'", "AssertionError"), ("raise Exception('\\x1b[31m')", "Exception"),
    ],
)  # fmt: skip
def test_whatever_a_cell_raises_costs_only_that_cell(load: Open, source: str, kind: str) -> None:
    session = load("def f(): return 1", source, "def g(): return 2")
    assert statuses(session) == ["ok", "error", "ok"]
    error = session.runs[1].error
    assert error is not None
    assert kind in error.type
    assert result(call(session, "f")) == 1
    assert result(call(session, "g")) == 2


@pytest.mark.parametrize("source", ["exit()", "quit()", "%matplotlib inline", "!rm -rf x", "%pip install x",
                                    "display(3)", "    a = 1\n    b = 2", "", "# only a comment", "x = 1;"])  # fmt: skip
def test_what_notebooks_do_besides_is_no_error(load: Open, source: str) -> None:
    session = load("def f(): return 1", source, "def g(): return 2")
    assert session.runs.get(1) is None or session.runs[1].status in ("ok", "error")
    assert result(call(session, "g")) == 2


def test_every_version_of_a_definition_is_remembered(load: Open) -> None:
    session = load("def f(): return 1", "x = 0", "def f(): return 2", "def f(): return 3")
    values = [result(call(session, "f", cell=cell)) for cell in range(4)]
    assert values == [1, 1, 2, 3]
    outcome = call(session, "f", cell=-1)
    assert outcome.error is not None
    assert outcome.error.type == "NameError"


def test_as_of_gives_the_names_of_that_time_for_one_call(load: Open) -> None:
    session = load("k = 1\ndef f(): return k", "k = 2", "k = 3")
    values = [result(call(session, "f", as_of=as_of)) for as_of in (0, 1, 2, None, 0)]
    assert values == [1, 2, 3, 3, 1]


@pytest.mark.parametrize("name", ["_f", "_init_weights", "_output_size", "_im2col", "_doit", "_f_"])
def test_names_with_an_underscore_are_remembered(load: Open, name: str) -> None:
    session = load(f"def {name}(): return 4")
    assert name in session.runs[0].names
    assert result(call(session, name)) == 4


def test_definitions_after_the_error_of_their_cell_are_taken_all_the_same(load: Open) -> None:
    session = load("undefined\nclass A:\n    pass\ndef f(): return 5", "def g(): return 6")
    assert statuses(session) == ["error", "ok"]
    assert session.runs[0].names >= {"A", "f"}
    assert result(call(session, "f")) == 5


def test_files_beside_the_notebook_can_be_imported_and_read(load: Open, tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("def f(): return 7")
    (tmp_path / "data.txt").write_text("8")
    companions = (("layers.py", tmp_path / "layers.py"), ("in/data.txt", tmp_path / "data.txt"))
    session = load("from layers import f", "def g(): return int(open('in/data.txt').read())",
                   companions=companions)  # fmt: skip
    assert statuses(session) == ["ok", "ok"]
    assert result(call(session, "f")) == 7
    assert result(call(session, "g")) == 8


# -- time ----------------------------------------------------------------------------------------

SHORT = Budget(cell=0.5, total=20.0, late_cell=0.5, call=0.5)
LOOP = "while True:\n    pass"
SWALLOWS = (
    "import time\nwhile True:\n    try:\n        time.sleep(0.01)\n    except BaseException: pass"
)
C_LOOP = "sum(range(10**13))"


@pytest.mark.parametrize("source", [LOOP, SWALLOWS, C_LOOP], ids=["loop", "swallows", "in C"])
def test_an_endless_cell_is_ended_and_the_others_count(load: Open, source: str) -> None:
    session = load("def f(): return 1", source, "def g(): return 2", budget=SHORT)
    assert statuses(session) == ["ok", "timeout", "ok"]
    assert result(call(session, "f")) == 1
    assert result(call(session, "g")) == 2


def test_what_an_endless_cell_defines_is_taken(load: Open) -> None:
    session = load(f"def f(): return 1\n{SWALLOWS}", "def g(): return 2", budget=SHORT)
    assert statuses(session) == ["timeout", "ok"]
    assert result(call(session, "f")) == 1


def test_when_the_time_is_used_up_definitions_and_answers_still_run(load: Open) -> None:
    budget = Budget(cell=1.0, total=1.0, late_cell=0.5, call=2.0)
    cells = (
        "import time; time.sleep(30)", "for i in range(3): pass", "model.plot(3)",
        "def f(): return 3", "print('size:', (144 - 3) // 1 + f())", "size = f()\nf'{size}'",
    )  # fmt: skip
    session = load(*cells, budget=budget)
    assert statuses(session) == ["timeout", "skipped", "skipped", "ok", "ok", "ok"]
    assert result(call(session, "f")) == 3
    assert session.runs[4].output == "size: 144\n"


def test_answers_that_come_late_share_a_few_seconds(load: Open) -> None:
    budget = Budget(cell=1.0, total=1.0, late_cell=0.5, late=0.4, call=2.0)
    slow = "import time\ndef slow(): time.sleep(30)"
    session = load("import time; time.sleep(30)", slow, "slow()", "slow()", "x = 1", budget=budget)
    assert statuses(session) == ["timeout", "ok", "timeout", "skipped", "skipped"]


def test_training_and_predicting_share_their_seconds(load: Open) -> None:
    budget = Budget(cell=3.0, total=20.0, training=0.5, late_cell=0.3, call=2.0)
    model = (
        "import time\nclass Model:\n    def fit(self, x): time.sleep(30)\n"
        "    def predict(self, x): time.sleep(1)\n    def show(self): time.sleep(1)"
    )
    cells = ("m = Model()\nm.fit(1)", "y = m.predict(2)", "m.show()")
    session = load(model, *cells, budget=budget)
    assert statuses(session) == ["ok", "timeout", "timeout", "ok"]


@pytest.mark.parametrize("body", ["while True: pass", "return sum(range(10**13))",
                                  "import time; time.sleep(60)",
                                  "import time\n    while True:\n        try:\n            time.sleep(0.01)\n"
                                  "        except BaseException: pass"])  # fmt: skip
def test_a_call_that_hangs_is_ended_and_the_next_one_answers(load: Open, body: str) -> None:
    session = load(f"def hang():\n    {body}\ndef f(): return 1", budget=SHORT)
    outcome = call(session, "hang")
    assert outcome.timed_out
    assert not outcome.ok
    assert result(call(session, "f")) == 1


# -- the end of the process ----------------------------------------------------------------------

DEADLY = [
    "import os; os._exit(0)", "import os; os.abort()", "import os, signal; os.kill(os.getpid(), 9)",
    "import ctypes; ctypes.string_at(0)", "import os; os.close(3); os.closerange(0, 100)",
    "import os\nfor fd in range(3, 50):\n    try: os.write(fd, b'x' * 100)\n    except OSError: pass",
]  # fmt: skip


@pytest.mark.parametrize("source", DEADLY, ids=["exit", "abort", "kill", "null", "close", "forge"])
def test_a_cell_that_ends_the_process_costs_only_itself(load: Open, source: str) -> None:
    session = load("def f(): return 1", f"def late(): return 3\n{source}", "def g(): return 2")
    assert statuses(session) == ["ok", "died", "ok"]
    assert result(call(session, "f")) == 1
    assert result(call(session, "g")) == 2
    assert result(call(session, "late")) == 3


def test_how_the_process_ended_is_said(load: Open) -> None:
    session = load("import os; os._exit(3)", "import os; os.abort()")
    reasons = [str(session.runs[i].error) for i in (0, 1)]
    assert "exit status 3" in reasons[0]
    assert "SIGABRT" in reasons[1]


@pytest.mark.parametrize("source", DEADLY[:4], ids=["exit", "abort", "kill", "null"])
def test_a_call_that_ends_the_process_is_survived(load: Open, source: str) -> None:
    session = load(f"def end():\n    {source}", "def f(): return 1")
    outcome = call(session, "end")
    assert outcome.died
    assert not outcome.ok
    assert result(call(session, "f")) == 1


def test_a_process_that_always_dies_is_given_up(load: Open) -> None:
    session = load("def end():\n    import os; os._exit(1)")
    outcomes = [call(session, "end") for _ in range(8)]
    assert all(o.died for o in outcomes)


def test_many_deadly_cells_leave_the_good_ones(load: Open) -> None:
    session = load("def f(): return 1", "import os; os._exit(1)", "import os; os._exit(2)",
                   "def g(): return 2")  # fmt: skip
    assert statuses(session) == ["ok", "died", "died", "ok"]
    assert result(call(session, "g")) == 2


def test_a_thread_that_goes_on_printing_spoils_nothing(load: Open) -> None:
    source = (
        "import threading\ndef chatter():\n    while True: print('x' * 50)\n"
        "threading.Thread(target=chatter, daemon=True).start()"
    )
    session = load(source, "def f(): return 1")
    values = [result(call(session, "f")) for _ in range(10)]
    assert values == [1.0] * 10


# -- output and memory ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 100_000_000)",
        "for _ in range(1000): print('x' * 100_000)",
        "import sys\nfor _ in range(1000): sys.stderr.write('x' * 100_000)",
        "'x' * 100_000_000",
        "import os\nfor _ in range(1000): os.write(1, b'x' * 100_000)",
        "for i in range(3000): display('x' * 40_000)",
        "raise ValueError('x' * 100_000_000)",
    ],
)
def test_a_hundred_megabytes_of_output_are_cut(load: Open, source: str) -> None:
    session = load(source, "def f(): return 1", budget=Budget(cell=20, total=60))
    assert statuses(session)[0] in ("ok", "error")
    assert len(session.runs[0].output) <= 200_000
    error = session.runs[0].error
    assert error is None or len(str(error)) <= 1_000
    assert result(call(session, "f")) == 1


@pytest.mark.parametrize(
    "source",
    [
        "a = []\nwhile True: a.append(bytearray(10**7))",
        "import numpy as np\na = []\nwhile True: a.append(np.ones(10**7))",
        "import numpy as np\na = np.zeros((10**6, 10**6))",
        "s = 'x'\nwhile True: s += s",
    ],
)
def test_endless_allocation_is_an_error_of_its_cell(load: Open, source: str) -> None:
    limits = Limits(memory_bytes=GIB)
    session = load("def f(): return 1", source, "def g(): return 2", limits=limits)
    assert statuses(session)[0] == "ok"
    assert statuses(session)[1] in ("error", "died")
    assert statuses(session)[2] == "ok"
    assert result(call(session, "g")) == 2


def test_a_file_can_not_grow_beyond_its_limit(load: Open) -> None:
    source = "f = open('big', 'wb')\nfor _ in range(100): f.write(b'x' * 10**6)\nf.close()"
    session = load(source, "def f(): return 1", limits=Limits(file_bytes=10**7))
    assert statuses(session)[0] in ("error", "died")
    assert result(call(session, "f")) == 1


def test_a_result_beyond_the_wires_caps_is_no_answer(load: Open) -> None:
    session = load("import numpy as np\ndef big(): return np.zeros(10**7)\ndef f(): return 1")
    outcome = call(session, "big")
    assert outcome.found == ()
    assert result(call(session, "f")) == 1


# -- start, scratch and the end ------------------------------------------------------------------


def _pid(process: StudentProcess) -> int:
    process.send({"op": "cell", "id": "1", "index": 0, "code": "import os; print(os.getpid())"})
    while True:
        header, _ = process.receive(time.monotonic() + 30)
        if header["op"] == "stream":
            return int(header["text"])


def _run(process: StudentProcess, code: str) -> str:
    process.send({"op": "cell", "id": "2", "index": 0, "code": code})
    text = ""
    while True:
        header, _ = process.receive(time.monotonic() + 30)
        if header["op"] == "stream":
            text += header["text"]
        if header["op"] == "reply" and header["id"] == "2":
            return text


def test_the_scratch_folder_and_the_whole_group_go_with_the_process() -> None:
    with StudentProcess(wanted=Wanted(ceiling="limits")) as process:  # others can't start children
        pid = _pid(process)
        assert os.getpgid(pid) == pid
        scratch = Path(_run(process, "print(os.getcwd())").strip())
        _run(process, "open('file', 'w').write('x'); os.mkdir('d'); os.chmod('d', 0)")
        child = "import subprocess, sys\nfor _ in range(3): subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
        _run(process, child)
        assert scratch.is_dir()
    assert gone(pid)
    assert not scratch.exists()
    assert not scratch.parent.exists()


def test_closing_twice_is_fine() -> None:
    process = StudentProcess()
    process.start()
    process.close()
    process.close()
    assert not process.alive
    with pytest.raises((ProcessDied, ValueError, OSError)):
        process.send({"op": "cell", "id": "1", "index": 0, "code": "1"})


def test_nothing_of_the_graders_environment_is_seen(
    load: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRATCHGRADE_TEST_SECRET", "xyzzy-secret")
    monkeypatch.setenv("PYTHONPATH", "/xyzzy-secret")
    session = load("import os, sys\nprint(dict(os.environ), sys.argv, sys.path)",
                   "print(open('/proc/self/environ').read(), open('/proc/self/cmdline').read())")  # fmt: skip
    assert statuses(session) == ["ok", "ok"]
    text = session.runs[0].output + session.runs[1].output
    assert "PATH" in text
    assert "xyzzy-secret" not in text


def test_home_and_temp_are_the_scratch_folder(load: Open) -> None:
    source = "import os, tempfile\nhome = os.path.expanduser('~')\n"
    session = load(source + "print(home, tempfile.gettempdir(), os.listdir(home))")
    home, temp, inside = session.runs[0].output.split()
    assert home == temp
    assert inside == "['work']"
    session.close()
    assert not Path(home).exists()


def test_the_graders_modules_are_not_loaded_beside_the_student(load: Open) -> None:
    session = load("import sys\nprint(*sorted(m for m in sys.modules))")
    loaded = set(session.runs[0].output.split())
    assert "numpy" in loaded
    assert not {m for m in loaded if m.split(".")[0] in ("graders", "reference", "pytest", "specs")}


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/true", "/", ""])
def test_an_interpreter_that_does_not_start_is_a_usage_error(python: str) -> None:
    with (
        pytest.raises(UsageError, match="--student-python"),
        Session(submission("x = 1"), python) as session,
    ):
        session.load()


def test_the_same_call_gives_the_same_answer_again(load: Open) -> None:
    source = (
        "import random, numpy as np\ndef f(): return random.random() + np.random.rand()\n"
        "def g(): return np.random.default_rng(0).random()"
    )
    session = load(source)
    assert result(call(session, "f")) == result(call(session, "f"))


def test_sets_of_words_have_the_same_order_in_every_process(load: Open) -> None:
    source = "print(*{f'word{i}' for i in range(50)})"
    assert load(source).runs[0].output == load(source).runs[0].output


# -- calls ---------------------------------------------------------------------------------------

LAYER = """
import numpy as np
class Layer:
    def __init__(self, n, initializer, w=None):
        self.n, self.W = n, initializer.W(n)
        self.params = {'b': initializer.B(1)}
        self._hidden = 3
    def forward(self, x):
        self.seen = [x, x * 2]
        return x @ self.W, self.n
    def broken(self):
        return 1 / 0
"""


def test_a_program_makes_sets_calls_and_harvests(load: Open) -> None:
    session = load(LAYER)
    w, b, x = np.arange(4.0), np.array([5.0]), np.ones((2, 4))
    stub = {"initializer": {"W": 0, "b": 1, "variant": 0}}
    steps: list[dict[str, Any]] = [
        {"do": "make", "name": "Layer", "cell": 0, "out": "self", "args": [{"v": 4}, stub]},
        {"do": "set", "on": "self", "path": ["params", "b"], "value": {"a": 1}},
        {"do": "call", "on": "self", "method": "forward", "args": [{"a": 2, "as": "x"}],
         "out": "y", "keep": "y"},
        {"do": "harvest", "label": "after:", "of": ["self", "nothing"]},
        {"do": "call", "on": "self", "method": "broken", "optional": True},
        {"do": "call", "on": "self", "method": "absent"},
        {"do": "harvest", "of": ["x"]},
    ]  # fmt: skip
    outcome = session.run(steps, [w, b, x])
    assert outcome.outcomes == (True, True, True, True, False, False)
    assert outcome.error is not None
    assert outcome.error.type == "ZeroDivisionError"
    assert outcome.failed_step == 4
    found = {f.path: f.array for f in outcome.found}
    np.testing.assert_array_equal(found["y", 0], x @ w)
    assert found["y", 1] == 4
    np.testing.assert_array_equal(found["after:self", "W"], w)
    np.testing.assert_array_equal(found["after:self", "params", "b"], b)
    np.testing.assert_array_equal(found["after:self", "seen", 1], x * 2)
    assert found["after:self", "_hidden"] == 3
    assert ("x",) not in found


def test_what_a_call_does_to_its_globals_is_undone(load: Open) -> None:
    session = load("k = 1\ndef f():\n    global k\n    k += 1\n    return k\ndef g(): return k")
    assert result(call(session, "f")) == 2
    assert result(call(session, "g")) == 1


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("return None", 0), ("return 'text'", 0), ("return [1.0, 2.0]", 1), ("return 3", 1),
        ("return np.array([1, None])", 1), ("return np.array(['a'])", 0), ("return 1j", 0),
        ("return {'a': np.ones(2), ('b',): 3}", 1), ("return np.ma.masked_array([1.0, 2.0])", 1),
        ("return np.matrix([[1.0]])", 1), ("return 10**400", 0), ("return float('nan')", 1),
        ("a = []\n    a.append(a)\n    return a", 0), ("return np.ones(3, dtype='>f8')", 1),
        ("return np.longdouble(3)", 1), ("return range(3)", 0), ("return np.float32(1)", 1),
        ("return iter([1])", 0), ("return [np.ones(2), np.ones(3)]", 2), ("return True", 1),
        ("return np.ones(3)[::-1]", 1), ("return np.empty((0, 3))", 1),
    ],
)  # fmt: skip
def test_whatever_a_call_returns_only_numbers_come_back(load: Open, body: str, count: int) -> None:
    session = load(f"import numpy as np\ndef f():\n    {body}", "def g(): return 1")
    outcome = call(session, "f")
    assert outcome.ok, outcome
    assert len(outcome.found) == count
    assert all(f.array.dtype.kind in "fiub" for f in outcome.found)
    assert session.calls == 1
    assert result(call(session, "g")) == 1


def test_big_endian_results_keep_their_values(load: Open) -> None:
    session = load("import numpy as np\ndef f(): return np.array([1.0, 2.0], dtype='>f8')")
    (found,) = call(session, "f").found
    np.testing.assert_array_equal(found.array, [1.0, 2.0])


@pytest.mark.parametrize(
    "source",
    [
        "class E:\n    @property\n    def __dict__(self): raise SystemExit\ndef f(): return E()",
        "class E:\n    def __getattr__(self, n): raise ValueError\ndef f(): return E()",
        "import numpy as np\nclass A(np.ndarray):\n    def __array_finalize__(self, o): raise ValueError\n"
        "def f(): return np.ones(3).view(A)",
        "class E(Exception):\n    def __str__(self): raise SystemExit\ndef f(): raise E",
        "class M(type):\n    @property\n    def __name__(c): raise ValueError\n"
        "class E(Exception, metaclass=M): pass\ndef f(): raise E",
        "def f(): raise Exception('\\ud800')",
        "class L(list):\n    def __iter__(self): raise SystemExit\ndef f(): return L([1])",
        "class D(dict):\n    def __iter__(self): raise SystemExit\ndef f(): return D(a=1)",
    ],
)  # fmt: skip
def test_hostile_objects_do_not_end_the_process(load: Open, source: str) -> None:
    session = load(source, "def g(): return 1")
    outcome = call(session, "f")
    assert not outcome.died, outcome
    assert not outcome.timed_out
    assert result(call(session, "g")) == 1


# -- old and absent libraries --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("np.int(3.7)", 3), ("np.float('2.5')", 2.5), ("np.bool(1)", 1), ("np.zeros(2, np.int).sum()", 0),
        ("np.array([1.5]).astype(np.float)[0]", 1.5), ("np.product([2, 3])", 6), ("np.Inf", np.inf),
        ("np.array([1, 2], dtype=np.object).size", 2), ("np.alltrue([1, 0])", 0),
    ],
)  # fmt: skip
def test_names_of_old_numpy_are_there(load: Open, expression: str, value: float) -> None:
    session = load(f"import numpy as np\ndef f(): return {expression}\nf()")
    assert statuses(session) == ["ok"], session.runs[0].error
    assert result(call(session, "f")) == value


def test_the_use_of_old_names_is_noted(load: Open) -> None:
    assert load("import numpy as np\nnp.int(3)").notes == ["np.int"]
    assert load("import numpy as np\nnp.zeros(3)").notes == []


def test_a_name_that_numpy_never_had_is_an_error(load: Open) -> None:
    session = load("import numpy as np\nnp.no_such_name")
    error = session.runs[0].error
    assert error is not None
    assert error.type == "AttributeError"


@pytest.mark.parametrize(
    "expression",
    ["np.empty(3)", "np.empty((2, 2), dtype=np.float32)", "np.empty_like(np.ones(3))",
     "np.empty(shape=3)", "np.empty(2, 'f2')"],
)  # fmt: skip
def test_what_is_not_filled_is_not_a_number(load: Open, expression: str) -> None:
    session = load(f"import numpy as np\ndef f(): return {expression}")
    (found,) = call(session, "f").found
    assert np.isnan(found.array).all()


def test_whole_numbers_that_are_not_filled_are_still_whole(load: Open) -> None:
    session = load("import numpy as np\ndef f(): return np.empty(3, dtype=int)")
    (found,) = call(session, "f").found
    assert found.array.dtype == np.int64
    assert found.array.shape == (3,)


@pytest.mark.parametrize(
    "source",
    [
        "import cupy as cp", "from no_such_package.inner import thing", "import no_such.deep.er",
        "from tqdm import tqdm\nassert [i for i in tqdm(range(3))] == [0, 1, 2]",
        "from tqdm.notebook import tqdm\nfor i in tqdm([1]): pass", "import seaborn as sns; sns.set()",
        "from google.colab import drive; drive.mount('/content')",
        "from IPython.display import display, HTML",
        "try:\n    import no_such\n    no_such.f()\nexcept ImportError:\n    pass",
    ],
)  # fmt: skip
def test_an_absent_import_costs_nothing(load: Open, source: str) -> None:
    session = load(f"{source}\ndef f(): return 1")
    assert statuses(session) == ["ok"], session.runs[0].error
    assert result(call(session, "f")) == 1


@pytest.mark.parametrize(
    ("source", "expression", "value"),
    [
        ("import cupy as cp", "cp.asnumpy(cp.dot(cp.ones((2, 3)), cp.ones(3)))[0]", 3),
        ("import cupy as np", "np.random.randn(4, 2).shape[0] + np.linalg.norm(np.zeros(2))", 4),
        ("import cupy as cp\ncp.cuda.set_allocator(cp.cuda.MemoryPool().malloc)", "cp.sqrt(9.0)", 3),
        ("import numpy as np\nimport cupy as cp", "cp.get_array_module(cp.ones(2)).sum([1, 2])", 3),
        ("import numpy as np\nimport cupy", "isinstance(np.ones(2), cupy.ndarray)", 0),
        ("from cupy.random import normal", "normal(0, 1, (5, 2)).shape[0]", 5),
        ("import cupy as cp\nfrom sklearn.metrics import accuracy_score",
         "accuracy_score(cp.array([1, 0]), cp.array([1, 1]))", 0.5),
    ],
)  # fmt: skip
def test_cupy_is_numpy(load: Open, source: str, expression: str, value: float) -> None:
    session = load(f"{source}\ndef f(): return {expression}")
    assert statuses(session) == ["ok"], session.runs[0].error
    assert result(call(session, "f")) == value


def test_what_only_a_card_has_is_absent(load: Open) -> None:
    session = load("import cupy as cp\nk = cp.ElementwiseKernel('T x', 'T y', 'y = x', 'same')")
    assert session.runs[0].error is not None
    assert session.runs[0].error.type == "ImportError"


@pytest.mark.parametrize("module", ["util", "utils", "common.util"])
def test_nothing_of_ours_does_the_work_of_a_file_that_was_not_handed_in(
    load: Open, module: str
) -> None:
    session = load(
        f"from {module} import im2col as of_another\n"
        "def im2col(image, f_h, f_w): return of_another(image[None, None], f_h, f_w).T"
    )
    assert statuses(session) == ["ok"], session.runs[0].error
    steps: list[dict[str, Any]] = [
        {
            "do": "call",
            "name": "im2col",
            "cell": 0,
            "out": "r",
            "keep": "r",
            "args": [{"a": 0}, {"v": 3}, {"v": 3}],
        }
    ]
    outcome = session.run(steps, [np.arange(784.0).reshape(28, 28)])
    assert outcome.error is not None
    assert "is not installed" in outcome.error.message


def test_the_use_of_an_absent_package_says_so(load: Open) -> None:
    session = load("import no_such_package\nno_such_package.function(3)")
    error = session.runs[0].error
    assert error is not None
    assert error.type == "ImportError"
    assert "no_such_package" in error.message
    assert session.absent == ["no_such_package"]


def test_the_digits_have_their_well_known_sizes(load: Open, tmp_path: Path) -> None:
    file = tmp_path / "mnist.npz"
    images = np.arange(20 * 784, dtype=np.uint8).reshape(20, 28, 28)
    np.savez(file, images=images, labels=np.arange(20, dtype=np.uint8) % 10)
    source = (
        "from keras.datasets import mnist\n(x, y), (a, b) = mnist.load_data()\n"
        "print(x.shape, y.shape, a.shape, b.shape, x.dtype)"
    )
    for text in (source, source.replace("keras", "tensorflow.keras", 1)):
        session = load(text, mnist=file)
        assert statuses(session) == ["ok"], session.runs[0].error
        assert "(60000, 28, 28) (60000,) (10000, 28, 28) (10000,) uint8" in session.runs[0].output


def test_what_arrives_is_json_alone() -> None:
    with StudentProcess() as process:
        assert json.loads(json.dumps(process.hello)) == process.hello
        assert process.hello["numpy"] == np.__version__


# -- replies that are none -----------------------------------------------------------------------

WORKER = """
import json, os, struct, sys, time
def worker():
    frame = sys._getframe()
    while type(frame.f_locals.get("self")).__name__ != "Worker":
        frame = frame.f_back
    return frame.f_locals["self"]
def frame(**header):
    text = json.dumps(header).encode()
    return b"SG1\\n" + struct.pack("<I", len(text)) + text
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("worker()._send({'op': 'reply', 'id': '0' * 32})", "it answered another request"),
        ("os.write(worker()._out, b'x' * 100)", "not a frame"),
        ("os.write(worker()._out, b'SG1\\n' + b'\\xff' * 4)", "header too large"),
        ("os.write(worker()._out, frame(buffers=[['object', [1]]]))", "dtype not allowed"),
        ("os.write(worker()._out, frame(buffers=[['float64', [2**25, 9]]]))", "array too large"),
        ("os.write(worker()._out, frame(buffers=3))", "malformed list of buffers"),
        ("os.close(worker()._out); time.sleep(9)", ""),
    ],
)  # fmt: skip
def test_what_is_no_reply_ends_the_process_with_its_reason(
    load: Open, body: str, reason: str
) -> None:
    session = load(f"{WORKER}\ndef cheat():\n    {body}\n    return 2\ndef f(): return 1")
    outcome = call(session, "cheat", seconds=3.0)
    assert not outcome.ok
    assert outcome.found == ()
    assert reason in outcome.died
    assert result(call(session, "f")) == 1


@pytest.mark.parametrize("name", ["late", "endless"])
def test_a_reply_that_does_not_come_in_time_is_none(load: Open, name: str) -> None:
    deaf = "import signal; signal.setitimer(signal.ITIMER_REAL, 0)"
    source = (
        f"{WORKER}\ndef late():\n    {deaf}; time.sleep(4); return 2\n"
        f"def endless():\n    {deaf}; me = worker()\n"
        "    while True: me._send({'op': 'stream', 'name': 'stdout', 'text': 'x'})\n"
        "def f(): return 1"
    )
    session = load(source)
    outcome = call(session, name, seconds=0.5)
    assert outcome.timed_out
    assert outcome.found == ()
    assert result(call(session, "f")) == 1


def test_a_reply_to_another_request_ends_the_cell_with_its_reason(load: Open) -> None:
    session = load("def f(): return 1", f"{WORKER}\nworker()._send({{'op': 'reply', 'id': 'x'}})")
    assert statuses(session) == ["ok", "died"]
    assert "another request" in str(session.runs[1].error)
    assert result(call(session, "f")) == 1


def test_a_class_on_an_absent_one_may_stand_but_not_be_used(load: Open) -> None:
    session = load(
        """
        import no_such_package.nn as nn

        class Net(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.n = n

        class Kept:
            pass
        """,
        "Net(3)",
    )
    first, second = session.runs.values()
    assert first.error is None
    assert {"Net", "Kept"} <= first.names
    assert str(second.error).startswith("ImportError: no_such_package.nn.Module is not installed")
