"""Gradients by numerical differences of the layer's own forward are told; a forward that backward needs is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.twins import told

LAYER = """
import numpy as np


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def _out(self, X):
        return X @ self.W + self.B

    def forward(self, X):
        self.X = np.array(X, dtype=float)
        return self._out(self.X)
"""
BY_DIFFERENCES = """
    def _slope(self, array, dA):
        found = np.zeros(array.shape)
        for i in np.ndindex(array.shape):
            kept = array[i]
            array[i] = kept + 1e-3
            up = np.sum(self._out(self.X) * dA)
            array[i] = kept - 1e-3
            found[i] = (up - np.sum(self._out(self.X) * dA)) / 2e-3
            array[i] = kept
        return found

    def backward(self, dA):
        self.dW, self.dB = self._slope(self.W, dA), self._slope(self.B, dA)
        dX = self._slope(self.X, dA)
        self.optimizer.update(self)
        return dX
"""
WORKED_OUT = """
    def backward(self, dA):
        assert self._out(self.X).shape == self.forward(self.X).shape == dA.shape
        self.dW, self.dB, dX = self.X.T @ dA, dA.sum(axis=0), dA @ self.W.T
        self.optimizer.update(self)
        return dX
"""


INTO_ONE_ARRAY = """
    def _out(self, X):
        if getattr(self, "kept", np.zeros(0)).shape != (len(X), len(self.B)):
            self.kept = np.zeros((len(X), len(self.B)))
        self.kept[:] = X @ self.W + self.B
        return self.kept

    def forward(self, X):
        self.X = np.array(X, dtype=float)
        return self._out(self.X).copy()
"""
TENSORS = """
import numpy as np


class Tensor:
    def __init__(self, data, parents=(), pull=None):
        self.data, self.parents, self.pull = np.array(data, dtype=float), parents, pull
        self.grad = None

    def numpy(self):
        return self.data

    def _take(self, g):
        self.grad = Tensor(g) if self.grad is None else Tensor(self.grad.numpy() + g)
        if self.pull is not None:
            for parent, part in zip(self.parents, self.pull(g)):
                parent._take(part)

    def backward(self, gradient):
        self._take(gradient.numpy())

    def __matmul__(self, other):
        return Tensor(self.numpy() @ other.numpy(), (self, other), lambda g: (g @ other.data.T, self.data.T @ g))

    def __add__(self, other):
        return Tensor(self.numpy() + other.numpy(), (self, other), lambda g: (g, g.sum(axis=0)))

    def __mul__(self, factor):
        return Tensor(self.numpy() * factor, (self,), lambda g: (g * factor,))


class Linear:
    def __init__(self, in_features, out_features):
        self.weight = Tensor(np.random.randn(in_features, out_features) * 0.1)
        self.bias = Tensor(np.zeros(out_features))

    def forward(self, x):
"""
BY_A_GRAPH = """        y = x @ self.weight + self.bias
        for _ in range(20):
            y = y * 2.0 * 0.5
        return y
"""
STEPS = """        def out():
            return Tensor(x.data @ self.weight.data + self.bias.data)

        def slope(array, g):
            found, before = np.zeros(array.shape), np.sum(out().data * g)
            for i in np.ndindex(array.shape):
                array[i] += STEP
                found[i] = (np.sum(out().data * g) - before) / STEP
                array[i] -= STEP
            return found

        parents = x, self.weight, self.bias
        return Tensor(out().data, parents, lambda g: [slope(p.data, g) for p in parents])
"""


def judged(path: Path, source: str) -> ItemResult:
    """The verdict on the dense layer of a module."""
    path.write_text(source)
    options = Options(sys.executable, items=frozenset({"fc"}))
    for event in grade(read_submission(path), built_in_sprints()["dnn"], options):
        if isinstance(event, ItemFinished) and event.result.spec.id == "fc":
            return event.result
    raise AssertionError


@pytest.mark.parametrize("right", [False, True])
def test_gradients_by_differences_are_told(tmp_path: Path, right: bool) -> None:
    result = judged(tmp_path / "work.py", LAYER + (WORKED_OUT if right else BY_DIFFERENCES))
    if right:
        assert result.status == "passed", result.message
        return
    statuses = {c.facet: c.status for c in result.checks if c.id == c.facet}
    assert statuses["forward"] == "passed"
    assert {statuses[f] for f in ("dX", "dW", "dB")} == {"failed"}
    assert "by differences" in str(result.message)


def test_differences_of_what_is_returned_in_one_array_are_told(tmp_path: Path) -> None:
    layer, _, _ = LAYER.partition("    def _out")
    result = judged(tmp_path / "work.py", layer + INTO_ONE_ARRAY + BY_DIFFERENCES)
    assert "by differences" in str(result.message), told(result)
    assert result.wrong_facets >= {"dX", "dW", "dB"}


@pytest.mark.parametrize("step", ["1e-6", "1.0"])
def test_differences_behind_tensors_are_told(tmp_path: Path, step: str) -> None:
    result = judged(tmp_path / "work.py", TENSORS + STEPS.replace("STEP", step))
    assert "by differences" in str(result.message), told(result)
    assert result.wrong_facets >= {"dX", "dW", "dB"}


def test_a_graph_of_many_nodes_is_no_difference(tmp_path: Path) -> None:
    result = judged(tmp_path / "work.py", TENSORS + BY_A_GRAPH)
    assert result.status == "passed", told(result)
