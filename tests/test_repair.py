"""Edits that would mend a wrong layer: proved, told with their line, and worth nothing."""

import ast
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema
import pytest

from graders.edits.model import Edit, Repair
from graders.edits.places import Function, functions_of
from graders.engine import ItemFinished, ItemStarted, Loaded, Options, grade
from graders.grading import Grading, Request
from graders.judging.context import Rules
from graders.judging.results import ItemResult
from graders.messages import M
from graders.repair.edits import RANKS, edits_in
from graders.repair.search import Bounds, Search, twins
from graders.repair.statements import statements_of
from graders.repair.trial import edited
from graders.report.report import Report
from graders.sandbox.session import Budget, Outcome, OutOfBudget, Session
from graders.sandbox.sgworker.calls import Program as _Program
from graders.submission import Cell, Section, Submission, read_submission
from graders.verdict.repairing import _FOR_ALL
from tests.built_in import built_in_sprints
from tests.one_item import FC, dense
from tests.test_costs import SCHEMA
from tests.test_early import TRAINS

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


PADDED = """
class Conv1d:
    def __init__(self, filter_size, initializer, optimizer, n_in_channels, n_out_channels, padding=0):
        self.optimizer, self.padding = optimizer, padding
        self.W = initializer.W(n_out_channels, n_in_channels, filter_size)
        self.b = initializer.B(n_out_channels)
    def forward(self, X):
        p, f = self.padding, self.W.shape[2]
        self.X = np.pad(X, ((0, 0), (0, 0), (p, p)))
        n = self.X.shape[2] - f + 1
        A = np.zeros((len(X), len(self.W), n))
        for i in range(n):
            A[:, :, i] = np.tensordot(self.X[:, :, i:i + f], self.W, axes=([1, 2], [1, 2])) - self.b
        return A
    def backward(self, dA):
        p, f = self.padding, self.W.shape[2]
        self.dW, self.db, dX = np.zeros_like(self.W), dA.sum(axis=(0, 2)), np.zeros(self.X.shape)
        for i in range(dA.shape[2]):
            self.dW += np.tensordot(dA[:, :, i], self.X[:, :, i:i + f], axes=(0, 0))
            dX[:, :, i:i + f] += np.tensordot(dA[:, :, i], self.W, axes=(1, 0))
        self.optimizer.update(self)
        return dX[:, :, p:dX.shape[2] - p]
"""


def test_one_mistake_in_two_items_is_told_for_both(write_notebook: Write) -> None:
    items = {"conv1d": PADDED, "conv1d_padding": "pass"}
    results = run(write_notebook, "cnn1", items)
    for item in items:
        assert results[item].wrong_facets == {"forward"}, results[item].message
        (repair,) = results[item].repairs
        assert lines(repair) == [line_of(PADDED, "- self.b")]


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


def test_what_mends_one_size_by_luck_is_not_told(
    write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, tried = Search._glimpsed, set[tuple[str, str]]()

    def noted(self: Search, edits: Sequence[Edit]) -> Any:
        tried.update((e.kind.id, e.before_and_after()[1]) for e in edits)
        return own(self, edits)

    monkeypatch.setattr(Search, "_glimpsed", noted)
    result = run(write_notebook, "cnn1", {"simple_conv1d": LUCK})["simple_conv1d"]
    assert {("number", f"a = np.zeros({n})") for n in (2, 4)} <= tried
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


OTHER_CODE = """        import os, sys
        if sys._getframe().f_code not in OWN: os._exit(3)
        self.Z ="""
WRONG = {
    "sigmoid": SIGMOID.replace("(1 - self.Z)", "(1 + self.Z)"),
    "tanh": TANH.replace("(1 -", "(1 +"),
}
ENDS = {item: source.replace("        self.Z =", OTHER_CODE) for item, source in WRONG.items()}
ENDS["tanh"] += "\nOWN = [Sigmoid.forward.__code__, Tanh.forward.__code__]\n"


def test_a_process_that_ends_over_it_loses_and_gains_nothing(
    write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = counted(monkeypatch, Session, "_replace")
    plain = run(write_notebook, "dnn", ENDS, repair=False)
    assert not replaced
    results = run(write_notebook, "dnn", ENDS)
    assert len(replaced) == 1  # by the first of both; the other one is not looked at
    assert {i: r.score for i, r in results.items()} == {i: r.score for i, r in plain.items()}
    for result in results.values():
        assert result.wrong_facets == {"dX"}


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[str]:
    """One entry for each call from now on."""
    made: list[str] = []
    own = getattr(owner, name)

    def noted(*given: Any, **named: Any) -> Any:
        made.append(name)
        return own(*given, **named)

    monkeypatch.setattr(owner, name, noted)
    return made


def test_what_was_proved_before_the_budget_is_used_up_is_told(
    write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Search._prove
    searches = counted(monkeypatch, Search, "run")

    def proved(self: Any, *given: Any) -> None:
        own(self, *given)
        if self._found.proved:
            raise OutOfBudget(M("{n} s", n=1))

    monkeypatch.setattr(Search, "_prove", proved)
    sources = {item: changed(item, old, new) for item, old, new, _, _ in MISTAKES[:2]}
    results = run(write_notebook, "dnn", sources)
    assert sorted(len(r.repairs) for r in results.values()) == [0, 1]
    assert len(searches) == 1  # and it was the last one


def test_searches_that_the_grader_fails_at_are_bounded(
    write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRATCHGRADE_DEBUG", raising=False)

    def fails(self: Any, known: Any) -> None:
        raise ArithmeticError

    monkeypatch.setattr(Search, "run", fails)
    searches = counted(monkeypatch, Search, "run")
    sources = {item: changed(item, old, new) for item, old, new, _, _ in MISTAKES}
    results = run(write_notebook, "dnn", sources)
    assert not any(r.repairs for r in results.values())
    assert len(searches) == _FOR_ALL / Bounds.seconds < len(sources)


@pytest.mark.parametrize(
    ("outcome", "gone"),
    [
        (Outcome(died="by itself"), True),
        (Outcome(timed_out=True), True),  # no answer came: another process was begun
        (Outcome(timed_out=True, outcomes=(True, False)), False),
        (Outcome(outcomes=(True, True)), False),
    ],
)
def test_of_a_process_that_is_gone_nothing_more_is_asked(outcome: Outcome, gone: bool) -> None:
    class Host(Session):
        def run(self, *given: Any) -> Outcome:
            self.calls += 1
            self.call_seconds += 0.25
            return outcome

    host = Host(Submission(Path("n.ipynb"), "notebook", "", (), "", "en"), "python")
    view = edited(host, None)
    (function,) = functions_in("def f(x):\n    return x.sum()")
    ((statement, around),) = statements_of(function.node)
    edit = next(edits_in(function, statement, around, 0, False))
    assert edited(view, edit).run([], []).outcomes == outcome.outcomes[1:]
    assert view.gone == gone
    assert view.call_seconds == 0.25  # by which a layer is found to be slow in loops
    edited(view, None).run([], [])
    assert host.calls == (1 if gone else 2)


def test_what_a_course_accepts_is_not_repaired(write_notebook: Write) -> None:
    rules = Rules(accept={"fc": frozenset(["wrong-axes"])})
    options = {"cost": True, "rules": rules}  # costs are counted of what passed, too
    accepted = {"fc": dense(dB="dA.sum()")}
    result = run(write_notebook, "dnn", accepted, **options)["fc"]
    assert result.status == "passed"
    assert result.repairs == ()
    both = {"fc": dense(dB="dA.sum()", dW="self.X.T @ -dA")}
    result = run(write_notebook, "dnn", both, **options)["fc"]
    assert result.wrong_facets == {"dW"}
    (repair,) = result.repairs
    assert repair.facets == ("dW",)
    assert lines(repair) == [line_of(both["fc"], "@ -dA")]


def test_what_is_loaded_is_told_before_the_last_words(write_notebook: Write) -> None:
    """Where the cells that train need not run, too."""
    path = write_notebook("import numpy as np", RELU, TRAINS)
    options = Options(items=frozenset(["relu"]), seed=5, early=True, cost=True, repair=True)
    events = list(grade(read_submission(path), built_in_sprints()["dnn"], options))
    assert sum(isinstance(e, Loaded) for e in events) == 1
    told = [
        type(e) for e in events
        if isinstance(e, Loaded) or (isinstance(e, ItemFinished) and e.result.spec.id == "relu")
    ]  # fmt: skip
    assert told == [Loaded, ItemFinished]
    assert not any(isinstance(e, ItemStarted) for e in events)  # judged early


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
    grading = Grading(Request(path, sprint="dnn", seed=5, repair=True))
    grading.select(frozenset(["fc"]))
    result = grading.result("fc")  # as pytest asks for it: the last word
    grading.close()
    assert result is not None
    assert result.repairs
    return grading.submission, result


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


@pytest.mark.parametrize("unlike", ["tanh sin", "add maximum", "standard_normal random"])
def test_functions_that_nobody_mistakes_for_each_other_are_not_tried(unlike: str) -> None:
    """They are the audit's mutants, and an edit that is made for these would only please the benchmark."""
    one, other = unlike.split()
    for name, wrong in ((one, other), (other, one)):
        assert f"return np.{wrong}(x, 2)" not in after(f"def f(x):\n    return np.{name}(x, 2)")


@pytest.mark.parametrize("source", [CONV, HELPER, FC], ids=["loops", "helper", "fc"])
def test_every_edit_is_another_text_and_the_tree_stays(source: str) -> None:
    for function in functions_in(source):
        text, tree = function.source(()), ast.dump(function.node, include_attributes=True)
        for statement, around in statements_of(function.node):
            for rank, common in itertools.product(RANKS, (True, False)):
                for edit in edits_in(function, statement, around, rank, common):
                    assert function.source(edit.exchanges) != text
                    assert edit.rank == rank
        assert ast.dump(function.node, include_attributes=True) == tree


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


def test_the_function_under_all_its_wrappers_is_edited() -> None:
    lines_ = """
import functools
def kept(f):
    @functools.wraps(f)
    def inner(*a):
        return f(*a)
    return inner
@kept
@kept
def f(x):
    return x + 1
"""
    names: dict[str, Any] = {}
    exec(compile(lines_, "<cell 0>", "exec"), names)
    own = names["f"].__wrapped__.__wrapped__.__code__
    text = "\n" * 9 + "def f(x):\n    return x + 10\n"
    edit = {"do": "edit", "of": ["f", 0], "method": "", "source": text, "names": ["f"]}
    call = {"do": "call", "name": "f", "cell": 0, "args": [{"v": 1}], "keep": "y", "out": "y"}
    made = PROGRAM(lambda name, cell: names[name], names, [])
    made.run([edit, call], 5.0)
    assert [float(array) for _, array, _ in made.found] == [11.0]
    assert names["f"].__wrapped__.__wrapped__.__code__ is own
