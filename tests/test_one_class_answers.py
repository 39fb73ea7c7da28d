"""Of several classes or functions that could answer an item one does, and not the best of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.binding.definitions import read_definitions
from graders.binding.uses import Uses
from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.one_item import FC

SIZE = "def output_size(n_in, padding, filter_size, stride):\n    return "
SIZE_RIGHT = SIZE + "(n_in + 2 * padding - filter_size) // stride + 1\n"
SIZE_WRONG = SIZE + "(n_in + padding - filter_size) // stride + 1\n"
ReLU = """
class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)
    def backward(self, dZ):
        return dZ * (self.A {} 0)
"""
SGD = """
class SGD:
    def __init__(self, lr):
        self.lr = lr
    def update(self, layer):
        layer.W {0}= self.lr * layer.dW
        layer.B {0}= self.lr * layer.dB
        return layer
"""
INITIALIZER = """
class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma
    def W(self, n_nodes1, n_nodes2):
        return {} * self.sigma * np.random.randn(n_nodes1, n_nodes2)
    def B(self, n_nodes2):
        return self.sigma * np.random.randn(n_nodes2)
"""
SOFTMAX = """
class Softmax:
    def forward(self, A):
        e = np.exp(A - A.max(axis=1, keepdims=True))
        self.Z = e / e.sum(axis=1, keepdims=True)
        return self.Z
    def backward(self, Z, Y):
        self.loss = -np.mean(np.sum(Y * np.log(Z + 1e-7), axis=1))
        return {}(Z - Y)
"""
BATCHES = """
class GetMiniBatch:
    def __init__(self, X, y, batch_size=20, seed=0):
        self.batch_size = batch_size
        order = np.random.RandomState(seed).permutation(len(X))
        self.X, self.y = X[order], y[order]
        self._stop = int(np.ceil(len(X) / batch_size)) {}
    def __len__(self):
        return self._stop
    def __getitem__(self, item):
        p0, p1 = item * self.batch_size, item * self.batch_size + self.batch_size
        return self.X[p0:p1], self.y[p0:p1]
    def __iter__(self):
        self._counter = 0
        return self
    def __next__(self):
        if self._counter >= self._stop:
            raise StopIteration()
        p0 = self._counter * self.batch_size
        self._counter += 1
        return self.X[p0:p0 + self.batch_size], self.y[p0:p0 + self.batch_size]
"""
TANH = "def tanh_derivative(Z):\n    return 1 - np.tanh(Z) ** {}\n"
CONV = """
class {name}:
    def __init__(self, n_in, n_out, filter_size, initializer, optimizer):
        self.W = initializer.W(n_out, n_in, filter_size)
        self.B = initializer.B(n_out)
        self.F, self.optimizer = filter_size, optimizer
    def forward(self, X):
        self.X = X
        M = X.shape[2] - self.F + 1
        return np.stack([np.einsum("ncf,ocf->no", X[:, :, m:m + self.F], self.W) + self.B
                         for m in range(M)], axis=2)
    def backward(self, dA):
        dX, self.dW = np.zeros_like(self.X), np.zeros_like(self.W)
        self.dB = dA.sum(axis=(0, 2))
        for m in range(dA.shape[2]):
            self.dW += np.einsum("no,ncf->ocf", dA[:, :, m], self.X[:, :, m:m + self.F])
            dX[:, :, m:m + self.F] += np.einsum("no,ocf->ncf", dA[:, :, m], self.W{flipped})
        self.optimizer.update(self)
        return dX
"""
NET = "class Net:\n    def fit(self, X):\n        self.layer = {}\n"
KINDS = {
    "function": ("cnn1", "conv1d_out_size", SIZE_RIGHT, SIZE_WRONG),
    "layer": ("dnn", "relu", ReLU.format(">"), ReLU.format("<")),
    "optimizer": ("dnn", "sgd", FC + SGD.format("-"), SGD.format("+")),
    "initializer": ("dnn", "simple_initializer", INITIALIZER.format(1), INITIALIZER.format(2)),
    "softmax": ("dnn", "softmax", SOFTMAX.format(""), SOFTMAX.format("-")),
    "iterator": ("dnn", "get_mini_batch", BATCHES.format(""), BATCHES.format("- 1")),
    "procedure": ("im2col", "tanh_derivative", TANH.format(2), TANH.format(1)),
}
Write = Callable[..., Path]


def judged(path: Path, sprint: str, item: str) -> ItemResult:
    """The verdict on one item."""
    for event in grade(
        read_submission(path), built_in_sprints()[sprint], Options(items=frozenset([item]))
    ):
        if isinstance(event, ItemFinished) and event.result.spec.id == item:
            return event.result
    raise AssertionError("no verdict")


def notes(result: ItemResult) -> str:
    assert result.binding is not None
    return " ".join(str(note) for note in result.binding.notes)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_defined_again_answers_for_itself(kind: str, write_notebook: Write) -> None:
    sprint, item, right, wrong = KINDS[kind]
    first = "import numpy as np"
    assert judged(write_notebook(first, wrong, right), sprint, item).status == "passed"
    assert judged(write_notebook(first, right, wrong), sprint, item).status != "passed"


def test_ten_variants_of_one_function_are_one_answer(write_notebook: Write) -> None:
    """Nobody has to know which sign is right, where the best of them counts."""
    variants = [
        SIZE.replace("output_size", f"output_size_{n}")
        + f"(n_in + 2 * padding - filter_size) // stride + {n}\n"
        for n in range(5)
    ]
    problem = "md:## [Problem 2] Output size after one-dimensional convolution"
    result = judged(write_notebook(problem, *variants), "cnn1", "conv1d_out_size")
    assert result.status == "failed"
    assert "output_size_1" in notes(result)


# -- the own section's class is heard --------------------------------------------------------------

FOUR = "md:## [Problem 4] Creating a one-dimensional convolutional layer class that does not limit the number of channels"
SEVEN = "md:## [Problem 7] (Advanced) Any number of strides"
EIGHT = "md:## [Problem 8] Learning and estimation"
RIGHT, WRONG = "", "[:, :, ::-1]"


def conv(flipped: str, name: str = "Conv1d") -> str:
    return CONV.format(name=name, flipped=flipped)


def test_the_own_sections_class_is_heard(write_notebook: Write) -> None:
    cells = ["import numpy as np", FOUR, conv(WRONG), SEVEN, conv(RIGHT, "Conv1dStride")]
    result = judged(write_notebook(*cells), "cnn1", "conv1d")
    assert result.status == "partial"
    assert result.binding is not None
    assert result.binding.name == "Conv1d"
    assert "Conv1dStride" in notes(result)


def test_unless_the_notebook_goes_on_with_the_other(write_notebook: Write) -> None:
    cells = ["import numpy as np", FOUR, conv(WRONG), SEVEN, conv(RIGHT, "Conv1dStride"), EIGHT]
    path = write_notebook(*cells, NET.format("Conv1dStride(1, 2, 3, Init(), SGD())"))
    result = judged(path, "cnn1", "conv1d")
    assert result.status == "passed"
    assert "Conv1d (" in notes(result)  # the own section's is told


def test_a_right_class_in_its_own_section_loses_nothing_by_a_later_one(
    write_notebook: Write,
) -> None:
    cells = [
        "import numpy as np",
        FOUR,
        conv(WRONG),
        conv(RIGHT),
        SEVEN,
        conv(WRONG, "Conv1dStride"),
    ]
    path = write_notebook(*cells, EIGHT, NET.format("Conv1dStride(1, 2, 3, Init(), SGD())"))
    result = judged(path, "cnn1", "conv1d")
    assert result.status == "passed"
    assert result.binding is not None
    assert result.binding.name == "Conv1d"


# -- what a notebook goes on with ------------------------------------------------------------------


def gone_on_with(path: Path) -> list[tuple[str, int]]:
    """(name, cell) of the definitions that are gone on with, in the order of their last use."""
    submission = read_submission(path)
    definitions, _ = read_definitions(submission)
    uses = Uses(submission, definitions)
    found = sorted((uses.last(d), d.name, d.cell) for d in definitions if uses.last(d) >= 0)
    return [(name, cell) for _, name, cell in found]


def test_a_name_means_what_it_stood_for_when_it_was_used(write_notebook: Write) -> None:
    path = write_notebook(
        "md:## Problem 1", "class FC: pass", "FC()", "md:## Problem 2", "first = FC()",
        "class FC: pass", "class Net:\n    def fit(self):\n        FC()", "Net().fit()",
        "class FC: pass",
    )  # fmt: skip
    assert gone_on_with(path) == [("FC", 1), ("FC", 5)]


def test_trying_a_class_out_is_not_going_on_with_it(write_notebook: Write) -> None:
    path = write_notebook(
        "md:## Problem 1", "class A: pass", "A()", "def test():\n    return A()", "test()",
        "class B: pass", "class Net:\n    def fit(self):\n        B()",
    )  # fmt: skip
    assert gone_on_with(path) == [("B", 5)]


def test_another_name_and_a_helper_lead_to_what_is_meant(write_notebook: Write) -> None:
    path = write_notebook(
        "md:## Problem 1", "class A: pass", "class B: pass", "md:## Problem 2",
        "Layer = B\ndef make():\n    return Layer()", "make()",
    )  # fmt: skip
    assert gone_on_with(path) == [("B", 2)]
