"""A classifier is the network that it claims to be: what is seen of a model that is disturbed, and
whole gradings of what is none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.kinds.classifier.network import Disturbed, Finding, Part, Standing, disturbed, judge
from graders.sandbox.session import Budget, Found
from graders.specs import Network
from graders.submission import read_submission
from tests.built_in import built_in_sprints

DEEP = Network(layers=2)
RNG = np.random.default_rng(0)


def dense(rows: int, columns: int, moved: int = 1, change: float = 0.9) -> Part:
    """A dense layer as it is seen, with what AdaGrad remembers of its matrix."""
    w, b, x = RNG.normal(size=(rows, columns)), RNG.normal(size=columns), RNG.normal(size=(8, rows))
    kept = {"W": w, "b": b, "HW": np.abs(w)}
    return Part(
        f"FC{rows}", {n: a.shape for n, a in kept.items()}, dict.fromkeys(kept, moved), kept,
        x, x @ w + b, change,
    )  # fmt: skip


def filters(*shape: int, given: tuple[int, ...], moved: int = 1) -> Part:
    """A convolution as it is seen."""
    w = RNG.normal(size=shape)
    return Part("Conv", {"W": shape}, {"W": moved}, {"W": w}, np.zeros(given), np.zeros(given), 0.5)


def found(
    *parts: Part, everything: float = 0.9, wanted: Network = DEEP, samples: int = 501
) -> Finding:
    """What is found of a model of these parts."""
    return judge(Disturbed(np.arange(10), everything, list(parts)), wanted, samples)


def array(name: str, *shape: int, moved: int = 1, change: float = 0.9) -> Part:
    """An array that the model keeps itself."""
    return Part(name, {name: shape}, {name: moved}, change=change)


def test_networks_are_found_whatever_keeps_their_weights() -> None:
    for parts in (
        [dense(784, 40), dense(40, 10)],
        [array("W1", 784, 40), array("W2", 40, 10), array("dW1", 784, 40, moved=-1, change=0.0)],
        [Part("Net", {"W1": (784, 40), "W2": (40, 10)}, {"W1": 1, "W2": 1}, {}, np.zeros((8, 784)), None, 0.9)],
    ):  # fmt: skip
        assert found(*parts) == Finding(Standing.RIGHT, adjusted=True), parts


def test_only_a_weight_that_training_goes_on_from_is_adjusted() -> None:
    """Where no rate can be changed, that has to show it: weights made anew show nothing."""
    first, last = array("W1", 784, 40, moved=2), array("W2", 40, 10, moved=2)
    assert found(first, last) == Finding(Standing.RIGHT, by_steps=True)
    going_on = array("W1", 784, 40, moved=1)
    assert found(going_on, last) == Finding(Standing.RIGHT, by_steps=True, adjusted=True)


def test_what_is_no_network_is_told() -> None:
    cases = {
        "Layers whose weights take part": [array("means", 10, 784, moved=-1)],
        "take part in predict: 1": [dense(784, 10), dense(40, 30, change=0.0)],
        "take part in predict: 0": [array("X", 501, 784, moved=-1), array("Y", 501, 10, moved=-1)],
        "never changes the weights of FC784": [dense(784, 40, moved=0), dense(40, 10)],
    }
    for words, parts in cases.items():
        finding = found(*parts)
        assert finding.standing is Standing.WRONG, words
        assert words in str(finding.message)
    told = found(dense(784, 40), dense(40, 10), everything=0.1)
    assert "no network that answers" in str(told.message)


def test_a_network_of_another_sprint_is_told() -> None:
    rest, line, image = dense(40, 10), (8, 1, 784), (8, 1, 28, 28)
    one, two = Network(2, 1), Network(2, 2)
    assert found(filters(3, 1, 5, given=line), rest, wanted=one).standing is Standing.RIGHT
    assert found(filters(3, 1, 5, 5, given=image), rest, wanted=two).standing is Standing.RIGHT
    for parts, wanted, words in (
        ([dense(784, 40), rest], one, "without a convolution"),
        ([dense(784, 40), rest], two, "without a convolution"),
        ([array("W1", 784, 40), array("W2", 40, 10)], one, "without a convolution"),
        ([filters(3, 1, 5, given=line), rest], two, "goes along 1 axes"),
        ([filters(3, 1, 5, 5, given=image), rest], one, "goes along 2 axes"),
        ([filters(3, 1, 5, given=line, moved=0), rest], one, "never changes the weights of Conv"),
    ):
        finding = found(*parts, wanted=wanted)
        assert finding.standing is Standing.WRONG
        assert words in str(finding.message)


def test_what_was_not_seen_is_neither_right_nor_wrong() -> None:
    assert found().standing is Standing.UNKNOWN
    assert found(Part("W", {"W": (784, 10)}), dense(40, 10)).standing is Standing.UNKNOWN
    made_in_fit = found(array("W1", 784, 40, moved=-1), array("W2", 40, 10, moved=-1))
    assert made_in_fit == Finding(Standing.RIGHT, by_steps=True)
    replaced = found(array("means", 10, 784, moved=2), array("deviations", 10, 784, moved=2))
    assert replaced.by_steps


def test_a_layer_takes_part_that_moves_what_the_answer_is_taken_from() -> None:
    """A network that has learnt little may answer the same with other weights."""
    scores = np.tile([0.9, 0.1], (4, 1))
    base = np.zeros(4)

    def seen(last: np.ndarray, answers: np.ndarray) -> float | None:
        path = ("disturbed",)
        entries = [
            Found((*path, "answer", "base"), answers, "array"),
            Found((*path, "answer", "all"), 1 - answers, "array"),
            Found((*path, "answer", "0"), answers, "array"),
            Found((*path, "last", "base"), scores, "array"),
            Found((*path, "last", "0"), last, "array"),
            Found((*path, "group", 0, "FC", 0, "W"), np.array([1, 784, 10]), "array"),
        ]
        return disturbed(entries, 4).parts[0].change

    assert seen(scores * 0.9, base) == 1.0
    assert seen(scores, base) == 0.0
    assert seen(scores * 0.9, np.array([1.0, 0.0, 1.0, 1.0])) == 0.0  # something else answers


# -- whole gradings ------------------------------------------------------------------------------

LOAD = """
import numpy as np
from keras.datasets import mnist
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train, X_test = X_train.reshape(-1, 784) / 255, X_test.reshape(-1, 784) / 255
"""
USE = """
net = Classifier()
net.fit(X_train[:200], y_train[:200])
print((net.predict(X_test[:100]) == y_test[:100]).mean())
"""
NONE = {
    "nearest class mean": """
class Classifier:
    def fit(self, X, y):
        self.m = np.array([X[y == k].mean(axis=0) if np.any(y == k) else X[0] for k in range(10)])
    def predict(self, X):
        return ((X[:, None] - self.m) ** 2).sum(axis=2).argmin(axis=1)
""",
    "neighbours": """
class Classifier:
    def fit(self, X, y):
        self.X, self.Y = X.copy(), np.eye(10)[y]
    def predict(self, X):
        near = (self.X ** 2).sum(axis=1) - 2 * X @ self.X.T
        return self.Y[near.argmin(axis=1)].argmax(axis=1)
""",
    "means and deviations": """
class Classifier:
    def fit(self, X, y, lr=0.1):
        parts = [X[y == k] if np.any(y == k) else X for k in range(10)]
        self.m = np.array([p.mean(axis=0) for p in parts])
        self.v = np.array([p.var(axis=0) + 0.1 for p in parts])
    def predict(self, X):
        return (-(X[:, None] - self.m) ** 2 / self.v - np.log(self.v)).sum(axis=2).argmax(axis=1)
""",
}


def judged(path: Path) -> ItemResult:
    """The verdict on the classifier of sprint dnn."""
    options = Options(sys.executable, budget=Budget(cell=6.0), items=frozenset({"dnn_classifier"}))
    for event in grade(read_submission(path), built_in_sprints()["dnn"], options):
        if isinstance(event, ItemFinished) and event.result.spec.id == "dnn_classifier":
            return event.result
    raise AssertionError


@pytest.mark.parametrize("name", NONE)
def test_what_learns_without_a_network_earns_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "work.py"
    path.write_text(LOAD + NONE[name] + USE)
    result = judged(path)
    assert result.score == 0
    assert result.status in ("failed", "manual"), result.message
