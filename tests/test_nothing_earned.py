"""What computes nothing earns nothing: the templates of every sprint, filled with what is at hand."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging.context import TrainingOptions
from graders.judging.results import ItemResult, right_facets
from graders.submission import read_submission
from tests.built_in import built_in_sprints

NOTHING = Path(__file__).resolve().parent.parent / "submissions" / "nothing"
SPRINTS = built_in_sprints()
BY_HAND = ("classifier", "manual", "answers")


def graded(path: Path, sprint: str, *items: str, seconds: float = 60.0) -> dict[str, ItemResult]:
    """The verdicts on some items, or on all that need neither training nor a person."""
    spec = SPRINTS[sprint]
    wanted = frozenset(items or (i.id for i in spec.items if i.kind not in BY_HAND))
    options = Options(
        sys.executable, seed=1, items=wanted, training=TrainingOptions(seconds=seconds)
    )
    events = grade(read_submission(path), spec, options)
    results = [e.result for e in events if isinstance(e, ItemFinished)]
    return {r.spec.id: r for r in results if r.spec.id in wanted}


class _Answers(ast.NodeTransformer):
    """Another answer in each function of a template."""

    def __init__(self, answer: Callable[[ast.Return, ast.FunctionDef], ast.stmt]) -> None:
        self._answer = answer
        self._function: list[ast.FunctionDef] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Its body, knowing which function it is."""
        self._function.append(node)
        self.generic_visit(node)
        self._function.pop()
        return node

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        """The answer in the place of the template's."""
        return self._answer(node, self._function[-1])


def _input_of(_: ast.Return, function: ast.FunctionDef) -> ast.stmt:
    given = [a.arg for a in function.args.args if a.arg != "self"]
    return ast.parse(f"return {given[0]}" if given else "pass").body[0]


def _fitted_input(node: ast.Return, function: ast.FunctionDef) -> ast.stmt:
    """The input again, cut and repeated to the shape that is wanted."""
    given = [a.arg for a in function.args.args if a.arg != "self"]
    made = ast.unparse(node.value or ast.Constant(None))
    if not given or "np.zeros" not in made:
        return node
    return ast.parse(f"return np.resize({given[0]}, ({made}).shape)").body[0]


WAYS: dict[str, Callable[[str], str]] = {
    "zeros": lambda source: source,
    "ones": lambda source: source.replace("np.zeros", "np.ones").replace("return 0", "return 1"),
    "nothing": lambda source: _with(source, lambda *_: ast.Pass()),
    "the input": lambda source: _with(source, _input_of),
    "the input in shape": lambda source: _with(source, _fitted_input),
}


def _with(source: str, answer: Callable[[ast.Return, ast.FunctionDef], ast.stmt]) -> str:
    tree = _Answers(answer).visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree))


def _definitions(source: str) -> str:
    """A template without what trains."""
    tree = ast.parse(source)
    kept = ast.Import | ast.ClassDef | ast.FunctionDef
    tree.body = [node for node in tree.body if isinstance(node, kept)]
    return ast.unparse(tree)


FEW = {
    "dnn": ("fc", "sigmoid", "softmax", "simple_initializer", "sgd", "get_mini_batch"),
    "cnn1": ("conv1d_out_size", "conv1d"),
    "cnn2": ("average_pool2d", "flatten"),
    "im2col": ("im2col", "tanh_derivative", "softmax_vector"),
}


def filled(folder: Path, sprint: str, way: str) -> Path:
    """The templates of a sprint with another answer in each of their functions."""
    source = _definitions((NOTHING / f"{sprint}.py").read_text(encoding="utf-8"))
    file = folder / "work.py"
    file.write_text(WAYS[way](source), encoding="utf-8")
    return file


@pytest.mark.parametrize("sprint", SPRINTS)
def test_templates_that_give_zeros_earn_no_point(tmp_path: Path, sprint: str) -> None:
    results = graded(filled(tmp_path, sprint, "zeros"), sprint)
    assert {k: (r.status, r.score) for k, r in results.items()} == dict.fromkeys(
        results, ("failed", 0.0)
    )


@pytest.mark.parametrize("way", [way for way in WAYS if way != "zeros"])
@pytest.mark.parametrize("sprint", SPRINTS)
def test_templates_in_which_nothing_is_computed_earn_no_point(
    tmp_path: Path, sprint: str, way: str
) -> None:
    results = graded(filled(tmp_path, sprint, way), sprint, *FEW[sprint])
    if way == "the input in shape":
        results.pop("flatten", None)  # that is what flattening is
    assert {k: r.score for k, r in results.items() if r.score} == {}
    assert not {k for k, r in results.items() if r.status in ("passed", "partial")}


@pytest.mark.parametrize(("sprint", "item"), [
    ("dnn", "dnn_classifier"), ("cnn1", "cnn1d_classifier"),
    ("cnn2", "cnn2d_classifier"), ("im2col", "im2col_accuracy"),
])  # fmt: skip
def test_a_classifier_that_learns_nothing_earns_no_point(sprint: str, item: str) -> None:
    result = graded(NOTHING / f"{sprint}.py", sprint, item, seconds=6.0)[item]
    assert result.score == 0
    assert result.status != "passed"


# -- a printed example known by heart -------------------------------------------------------------

BY_HEART = """
import numpy as np

class SimpleConv1d:
    def __init__(self, filter_size, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(filter_size), initializer.B(1)
    def forward(self, X):
        self.X = X
        if list(X) == [1, 2, 3, 4]:
            return np.array([35, 50])
        return np.zeros(len(X) - len(self.W) + 1)
    def backward(self, dA):
        self.dW, self.dB = np.zeros(self.W.shape), np.zeros(1)
        dX = np.zeros(self.X.shape)
        if list(self.X) == [1, 2, 3, 4]:
            self.dW, self.dB = np.array([50, 80, 110]), np.array([30])
            dX = np.array([30, 110, 170, 140])
        self.optimizer.update(self)
        return dX

def conv1d_out_size(n_in, filter_size, padding=0, stride=1):
    return {(4, 3, 0, 1): 2}.get((n_in, filter_size, padding, stride), 0)
"""


def test_a_printed_example_by_heart_earns_no_point(tmp_path: Path) -> None:
    file = tmp_path / "work.py"
    file.write_text(BY_HEART, encoding="utf-8")
    results = graded(file, "cnn1", "simple_conv1d", "conv1d_out_size")
    assert [r.score for r in results.values()] == [0, 0]
    documented = [c for c in results["simple_conv1d"].checks if "documented" in c.id]
    assert [c.status for c in documented] == ["passed"] * 4


# -- a wrong forward with the backward of its own ---------------------------------------------------

LAYER = """
import numpy as np

class Tanh:
    def forward(self, A):
        self.A = A
        return <forward>
    def backward(self, dZ):
        return <backward>
"""


@pytest.mark.parametrize(("forward", "backward", "earned"), [
    ("A ** 3", "dZ * 3 * self.A ** 2", {"dX", "shape", "repeat"}),  # it computes its derivative
    ("np.tanh(2 * A)", "dZ * 2 * (1 - np.tanh(2 * self.A) ** 2)", {"dX", "shape", "repeat"}),
    ("A ** 3", "dZ * 2 * self.A ** 2", set()),
    ("A", "dZ", set()),  # a derivative, but of nothing that was computed
    ("-0.5 * A", "-0.5 * dZ", set()),
    ("A + 1e-9 * np.tanh(A)", "dZ * (1 + 1e-9 * (1 - np.tanh(self.A) ** 2))", set()),
    ("np.zeros(A.shape)", "np.zeros(dZ.shape)", set()),
    ("np.ones(A.shape)", "0 * dZ", set()),
    ("1e-12 * np.tanh(A)", "1e-12 * dZ * (1 - np.tanh(self.A) ** 2)", set()),
    ("np.zeros(A.shape)", "dZ * (1 - np.tanh(self.A) ** 2)", {"dX", "shape", "repeat"}),  # is right
])  # fmt: skip
def test_the_backward_of_a_wrong_forward_counts_if_it_computes(
    tmp_path: Path, forward: str, backward: str, earned: set[str]
) -> None:
    file = tmp_path / "work.py"
    source = LAYER.replace("<forward>", forward).replace("<backward>", backward)
    file.write_text(source, encoding="utf-8")
    result = graded(file, "dnn", "tanh")["tanh"]
    assert set(right_facets(result.spec, result.checks)) == earned


DENSE = """
import numpy as np

class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)
    def forward(self, X):
        self.X = X
        return <forward>
    def backward(self, dA):
        self.dW, self.dB = <dW>, <dB>
        dX = <dX>
        self.optimizer.update(self)
        return dX
"""


@pytest.mark.parametrize(("answers", "earned"), [
    # twice as much, with the gradients of that: all of them are computed
    ({"forward": "2 * (X @ self.W + self.B)", "dX": "2 * dA @ self.W.T", "dW": "2 * self.X.T @ dA",
      "dB": "2 * dA.sum(axis=0)"}, {"dX", "dW", "dB", "shape", "repeat"}),
    # the bias has no part in it: zeros are its derivative, and earn nothing
    ({"forward": "2 * X @ self.W", "dX": "2 * dA @ self.W.T", "dW": "2 * self.X.T @ dA",
      "dB": "np.zeros(len(self.B))"}, {"dX", "dW", "shape", "repeat"}),
    # the input cut to shape, with the derivative of that: it depends on no weight
    ({"forward": "np.resize(X, (len(X), len(self.B))) * 0 + X[:, :1]",
      "dX": "np.pad(dA.sum(axis=1, keepdims=True), ((0, 0), (0, self.X.shape[1] - 1)))",
      "dW": "np.zeros(self.W.shape)", "dB": "np.zeros(len(self.B))"}, set()),
])  # fmt: skip
def test_a_gradient_needs_a_forward_that_depends_on_its_tensor(
    tmp_path: Path, answers: dict[str, str], earned: set[str]
) -> None:
    source = DENSE
    for name, answer in answers.items():
        source = source.replace(f"<{name}>", answer)
    file = tmp_path / "work.py"
    file.write_text(source, encoding="utf-8")
    result = graded(file, "dnn", "fc")["fc"]
    assert set(right_facets(result.spec, result.checks)) == earned


def test_what_only_accompanies_is_shown_as_not_counted(tmp_path: Path) -> None:
    file = tmp_path / "work.py"
    file.write_text(
        LAYER.replace("<forward>", "np.zeros(A.shape)").replace("<backward>", "np.zeros(dZ.shape)"),
        encoding="utf-8",
    )
    result = graded(file, "dnn", "tanh")["tanh"]
    made = {c.id: c for c in result.checks}
    assert result.status == "failed"
    assert {i: c.status for i, c in made.items()} == {
        "forward": "failed", "dX": "failed", "shape": "skipped", "repeat": "skipped",
    }  # fmt: skip
    for name in ("shape", "repeat"):
        assert str(made[name].message) == (
            "Not counted: nothing of what is computed (forward, dX) is right."
        )


def test_written_answers_stand_each_for_themselves() -> None:
    answers = SPRINTS["cnn2"].item("conv2d_answers")
    assert "shape" in answers.facets
    assert not answers.accompanying
