"""Gradients by numerical differences of the layer's own forward are told; a forward that backward needs is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging import ItemResult
from graders.submission import read_submission
from tests.built_in import built_in_sprints

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
