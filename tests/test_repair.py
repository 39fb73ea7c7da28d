"""Edits that would mend a wrong layer: proved, told with their line, and worth nothing."""

import functools
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import FunctionType
from typing import Any

import jsonschema
import numpy as np
import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging import ItemResult
from graders.repair.edits import edits_in
from graders.repair.model import Repair
from graders.repair.places import Function, functions_of
from graders.repair.search import twins
from graders.repair.statements import statements_of
from graders.report.report import Report
from graders.sandbox.session import Budget
from graders.sandbox.sgworker.calls import Program as _Program
from graders.submission import Cell, Section, Submission, read_submission
from tests.built_in import built_in_sprints
from tests.one_item import FC, dense
from tests.test_costs import SCHEMA

Write = Callable[..., Path]
PROGRAM: Any = _Program

SIGMOID = """
class Sigmoid:
    def forward(self, A):
        self.Z = 1 / (1 + np.exp(-A))
        return self.Z
    def backward(self, dZ):
        return dZ * (1 - self.Z) * self.Z
"""
TANH = """
class Tanh:
    def forward(self, A):
        self.Z = np.tanh(A)
        return self.Z
    def backward(self, dZ):
        return dZ * (1 - self.Z ** 2)
"""
RELU = """
class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)
    def backward(self, dZ):
        return dZ * (self.A > 0)
"""
CONV = """
class SimpleConv1d:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        a = np.zeros(len(x) - len(w) + 1)
        for i in range(len(a)):
            a[i] = np.sum(x[i:i + len(w)] * w) + b
        return a
    def backward(self, da):
        x, w = self.x, self.w
        db = np.sum(da)
        dw = np.zeros(len(w))
        for s in range(len(w)):
            for i in range(len(da)):
                dw[s] += da[i] * x[i + s]
        dx = np.zeros(len(x))
        for i in range(len(da)):
            for s in range(len(w)):
                dx[i + s] += da[i] * w[s]
        return db, dw, dx
"""
SOURCES = {"fc": FC, "sigmoid": SIGMOID, "tanh": TANH, "relu": RELU, "simple_conv1d": CONV}


def run(
    write: Write, sprint: str, sources: dict[str, str], **options: Any
) -> dict[str, ItemResult]:
    """The verdicts on items of one notebook."""
    path = write("import numpy as np", *sources.values())
    asked = Options(
        budget=Budget(cell=5, total=30),
        items=frozenset(sources),
        seed=5,
        **{"repair": True, **options},
    )
    events = grade(read_submission(path), built_in_sprints()[sprint], asked)
    finished = [e.result for e in events if isinstance(e, ItemFinished)]
    assert len({r.spec.id for r in finished}) == len(finished)  # one last word an item
    return {r.spec.id: r for r in finished if r.spec.id in sources}


def changed(item: str, old: str, new: str) -> str:
    assert SOURCES[item].count(old) == 1, old
    return SOURCES[item].replace(old, new)


def lines(repair: Repair) -> list[int]:
    return [line for edit in repair.edits for line in edit.lines]


def line_of(source: str, text: str) -> int:
    return next(n for n, line in enumerate(source.splitlines(), 1) if text in line)


# -- what is told ----------------------------------------------------------------------------

# Each mistake: item, what stood there, what the student wrote, the kind of slip, the facets that it breaks.
MISTAKES = [
    ("fc", "dA.sum(axis=0)", "dA.sum(axis=1)", "axes", {"dB"}),
    ("sigmoid", "(1 - self.Z)", "(1 + self.Z)", "operator", {"dX"}),
    ("tanh", "dZ * (1 - self.Z ** 2)", "dZ * (1 - Z ** 2)", "self", {"dX"}),
    ("relu", "np.maximum(A, 0)", "np.minimum(A, 0)", "function", {"forward"}),
]
DEEPER = [
    ("fc", "dA @ self.W.T", "dA @ self.W", "transposition", {"dX"}),
    ("tanh", "np.tanh(A)", "np.tanh(-A)", "sign", {"forward"}),
    ("relu", "(self.A > 0)", "(self.A < 0)", "comparison", {"dX"}),
    ("sigmoid", "dZ * (1 - self.Z) * self.Z", "dA * (1 - self.Z) * self.Z", "unknown-name", {"dX"}),
]


@pytest.mark.parametrize("mistakes", [MISTAKES, DEEPER], ids=["axes", "signs"])
def test_the_line_and_the_slip_are_told(
    write_notebook: Write, mistakes: list[tuple[str, str, str, str, set[str]]]
) -> None:
    sources = {item: changed(item, old, new) for item, old, new, _, _ in mistakes}
    results = run(write_notebook, "dnn", sources)
    for item, _, new, kind, facets in mistakes:
        result = results[item]
        assert facets <= result.wrong_facets, item
        assert len(result.repairs) == 1, (item, result.repairs)
        (edit,) = result.repairs[0].edits
        assert edit.line == line_of(sources[item], new), item
        assert edit.kind.id == kind, item
        assert facets <= set(result.repairs[0].facets), item
        assert "tried" in str(result.repairs[0].sentence)


CONVOLUTIONS = {
    "another size in scope": ("for i in range(len(da)):\n            for s in range(len(w)):\n                dx",
                              "for i in range(len(w)):\n            for s in range(len(w)):\n                dx", {"dX"}),
    "= for +=": ("dw[s] += da[i] * x[i + s]", "dw[s] = da[i] * x[i + s]", {"dW"}),
    "too far in": ("        return a\n", "            return a\n", {"forward"}),
    "one too few": ("range(len(a))", "range(len(a) - 1)", {"forward"}),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CONVOLUTIONS))
def test_loops_and_bounds(write_notebook: Write, name: str) -> None:
    old, new, facets = CONVOLUTIONS[name]
    source = changed("simple_conv1d", old, new)
    result = run(write_notebook, "cnn1", {"simple_conv1d": source})["simple_conv1d"]
    (repair,) = result.repairs
    assert facets <= set(repair.facets)
    first = next(a for a, b in zip(new.splitlines(), old.splitlines(), strict=True) if a != b)
    assert lines(repair) == [line_of(source, first)]


HELPER = """
def out_size(size, filter_size, pad, stride):
    return (size + 2 * pad - filter_size) // stride + 1

class SimpleConv1d:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        n = out_size(len(w), len(x), 0, 1)
        a = np.zeros(n)
        for i in range(n):
            a[i] = np.sum(x[i:i + len(w)] * w) + b
        return a
    def backward(self, da):
        x, w = self.x, self.w
        n = out_size(len(x), len(w), 0, 1)
        db = np.sum(da)
        dw = np.array([np.sum(da * x[s:s + n]) for s in range(len(w))])
        dx = np.zeros(len(x))
        for i in range(n):
            dx[i:i + len(w)] += da[i] * w
        return db, dw, dx
"""


def test_one_line_from_which_everything_follows(write_notebook: Write) -> None:
    """Arguments of an own helper in the wrong order: forward is wrong, and the rest with it."""
    result = run(write_notebook, "cnn1", {"simple_conv1d": HELPER})["simple_conv1d"]
    assert "forward" in result.wrong_facets
    (repair,) = result.repairs
    (edit,) = repair.edits
    assert edit.kind.id == "arguments"
    assert lines(repair) == [line_of(HELPER, "out_size(len(w), len(x)")]
    assert set(repair.facets) == result.wrong_facets
    assert "out_size(len(x), len(w), 0, 1)" in edit.before_and_after()[1]


# -- what is not told ------------------------------------------------------------------------

LUCK = changed("simple_conv1d", "a = np.zeros(len(x) - len(w) + 1)", "a = np.zeros(3)")
TWO_LINES = FC.replace(
    "        self.dW = self.X.T @ dA\n",
    "        dW = self.X.T @ dA * 2\n        self.dW = dW * 2 / 2\n",
)
THREE_LINES = FC.replace(
    "        self.dW = self.X.T @ dA\n",
    "        dW = self.X.T @ dA * 2\n        dW = dW * 2 / 2\n        self.dW = dW * 2 / 2\n",
)


def test_what_mends_one_size_by_luck_is_not_told(write_notebook: Write) -> None:
    result = run(write_notebook, "cnn1", {"simple_conv1d": LUCK})["simple_conv1d"]
    assert "forward" in result.wrong_facets
    for repair in result.repairs:
        for edit in repair.edits:
            assert edit.kind.id != "number", edit.before_and_after()


def test_of_two_lines_both_are_told_and_of_three_none(write_notebook: Write) -> None:
    two = run(write_notebook, "dnn", {"fc": TWO_LINES})["fc"]
    (repair,) = two.repairs
    first = line_of(TWO_LINES, "dA * 2")
    assert sorted(lines(repair)) == [first, first + 1]
    assert str(repair.sentence).startswith("Either: ")
    three = run(write_notebook, "dnn", {"fc": THREE_LINES})["fc"]
    assert three.wrong_facets == {"dW"}
    assert three.repairs == ()


def test_a_repair_leaves_every_right_facet_right(write_notebook: Write) -> None:
    """Where forward is wrong and backward is the derivative of just that, no edit of forward is told."""
    source = SIGMOID.replace("np.exp(-A)", "np.exp(-2 * A)").replace(
        "dZ * (1 - self.Z)", "2 * dZ * (1 - self.Z)"
    )
    result = run(write_notebook, "dnn", {"sigmoid": source})["sigmoid"]
    assert result.wrong_facets == {"forward"}
    assert result.repairs == ()


# -- what it is worth ------------------------------------------------------------------------


def test_verdicts_and_points_are_the_same_with_it_and_without(write_notebook: Write) -> None:
    sources = {item: changed(item, old, new) for item, old, new, _, _ in MISTAKES[:3]} | {
        "relu": RELU
    }
    with_, without = (
        run(write_notebook, "dnn", sources, repair=repair) for repair in (True, False)
    )
    assert any(r.repairs for r in with_.values())
    assert not any(r.repairs for r in without.values())
    assert with_["relu"].status == "passed"
    assert with_["relu"].repairs == ()
    for item in sources:
        one, other = with_[item], without[item]
        assert (one.status, one.score, str(one.message)) == (
            other.status,
            other.score,
            str(other.message),
        )
        assert [(c.id, c.status, str(c.message)) for c in one.checks] == [
            (c.id, c.status, str(c.message)) for c in other.checks
        ]
        assert one.diagnoses == other.diagnoses


ENDS = SIGMOID.replace("(1 - self.Z)", "(1 + self.Z)").replace(
    "        self.Z =", "        import sys\n        if sys._getframe().f_code is not WROTE[0]:\n            import os; os._exit(3)\n        self.Z =",
)  # fmt: skip


def test_a_process_that_ends_over_it_loses_and_gains_nothing(write_notebook: Write) -> None:
    hostile = {
        "sigmoid": ENDS + "\nWROTE = [Sigmoid.forward.__code__]\n",
        "tanh": TANH.replace("**", "*"),
    }
    results = run(write_notebook, "dnn", hostile)
    plain = run(write_notebook, "dnn", hostile, repair=False)
    assert {i: r.score for i, r in results.items()} == {i: r.score for i, r in plain.items()}
    assert results["sigmoid"].wrong_facets == {"dX"}


# -- how much is told ------------------------------------------------------------------------


@pytest.mark.parametrize("feedback", ["full", "hint", "score"])
def test_no_more_is_told_than_the_feedback_allows(
    repaired_dense: tuple[Submission, ItemResult], feedback: Any
) -> None:
    submission, result = repaired_dense
    for language in ("en", "ja"):
        report = Report(
            submission.path, language, submission, built_in_sprints()["dnn"], feedback=feedback
        )
        report.take(ItemFinished(result))
        data = report.as_dict()
        jsonschema.validate(data, __import__("json").loads(SCHEMA.read_text()))
        item = next(i for i in data["items"] if i["id"] == "fc")
        hint = next(c["hint"] for c in item["checks"] if c["id"] == "dB")
        code = "dA.sum(axis=0)"
        if feedback == "score":
            assert hint == ""
            assert "repairs" not in item
            continue
        (told,) = item["repairs"]
        assert told["facets"] == ["dB"]
        assert told["text"] in hint
        assert (code in told["text"]) == (feedback == "full")
        assert (told["choice"][0]["after"] is None) == (feedback == "hint")
        assert "14" in told["text"]


@pytest.fixture(scope="module")
def repaired_dense(tmp_path_factory: pytest.TempPathFactory) -> tuple[Submission, ItemResult]:
    path = tmp_path_factory.mktemp("repair") / "work.py"
    path.write_text("import numpy as np\n" + dense(dB="dA.sum(axis=1)"))
    submission = read_submission(path)
    options = Options(items=frozenset(["fc"]), seed=5, repair=True)
    for event in grade(submission, built_in_sprints()["dnn"], options):
        if isinstance(event, ItemFinished) and event.result.spec.id == "fc":
            return submission, event.result
    raise AssertionError("no verdict")


# -- the parts -------------------------------------------------------------------------------


def functions_in(source: str) -> list[Function]:
    cell = Cell(0, dedent(source), Section())
    return functions_of(Submission(Path("n.ipynb"), "notebook", "", (cell,), source, "en"))


def after(source: str) -> set[str]:
    """What every edit makes of the lines that it changes."""
    return {
        e.before_and_after()[1]
        for f in functions_in(source)
        for s, around in statements_of(f.node)
        for rank in (0, 1, 2)
        for common in (True, False)
        for e in edits_in(f, s, around, rank, common)
    }


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("def f(x):\n    return x.sum(axis=(0, 2))", "return x.sum(axis=0)"),
        ("def f(x):\n    return np.sum(x, axis=0)", "return np.sum(x)"),
        ("def f(x):\n    return x.transpose(0, 1, 2)", "return x.transpose(0, 2, 1)"),
        ("def f(x):\n    return x.reshape(3, 4)", "return x.transpose(1, 0)"),
        ("def f(x, n):\n    for i in range(n):\n        x[i] = 1", "for i in range(n - 1):"),
        ("def f(x, n):\n    h, w = x.shape\n    for i in range(n):\n        x[i] = 1", "for i in range(w):"),
        ("def f(x, n):\n    return n / x", "return n * x"),
        ("def f(dout):\n    return daut * 2", "return dout * 2"),
        ("def f(x):\n    for i in x:\n        y = i\n        return y", "return y"),
        ("class A:\n    def f(self, x):\n        self.a += x", "self.a = x"),
        ("class A:\n    def f(self, x):\n        self.a = 1\n        return a", "return self.a"),
    ],
)  # fmt: skip
def test_an_edit_of_each_kind(source: str, wanted: str) -> None:
    assert wanted in after(source)


def test_every_edit_is_another_text_and_the_tree_stays() -> None:
    for function in functions_in(CONV + HELPER):
        before = function.source(())
        for statement, around in statements_of(function.node):
            for edit in edits_in(function, statement, around, 0, True):
                assert function.source(edit.exchanges) != before
        assert function.source(()) == before


def test_twins_are_the_same_edit_at_two_places() -> None:
    source = "def f(x, h, w):\n    a = range(h)\n    b = range(w)\n    return a, b"
    (function,) = functions_in(source)
    every = [e for s, a in statements_of(function.node) for e in edits_in(function, s, a, 0, True)]
    made = {e.before_and_after()[1] for e in twins(every)}
    assert "a = range(h - 1) ⏎ b = range(w - 1)" in made
    assert "a = range(h - 1) ⏎ b = range(w + 1)" not in made


def test_a_function_has_its_own_code_again_when_the_program_ends() -> None:
    names: dict[str, Any] = {}
    source = "import functools\ndef f(x):\n    return x + 1\n@functools.lru_cache\ndef g(x):\n    return x + 1\n"
    exec(compile(source, "<cell 0>", "exec"), names)
    own = names["f"].__code__

    def program(*steps: dict[str, Any]) -> list[float]:
        made = PROGRAM(lambda name, cell: names[name], names, [])
        made.run(list(steps), 5.0)
        return [float(array) for _, array, _ in made.found]

    def called(name: str) -> dict[str, Any]:
        return {"do": "call", "name": name, "cell": 0, "args": [{"v": 1}], "keep": "y", "out": "y"}

    for name, line in (("f", 2), ("g", 5)):
        text = "\n" * (line - 1) + f"def {name}(x):\n    return x + 10\n"
        edit = {"do": "edit", "of": [name, 0], "method": "", "source": text, "names": [name]}
        assert program(called(name)) == [2.0]
        assert program(edit, called(name)) == [11.0]
        assert program(called(name)) == [2.0]
        broken = {**edit, "source": "def f(:"}
        assert program(broken, called(name)) == []
    assert names["f"].__code__ is own
    assert isinstance(names["f"], FunctionType)
    assert functools.reduce(lambda a, b: a + b, [1, 2]) == 3
    assert np.array(1).size == 1
