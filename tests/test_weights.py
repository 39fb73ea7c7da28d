"""Layers with weights of other names and numbers than W and b, and outputs with fewer axes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from graders import cli
from tests import warm

SPRINT = """
sprint: chained
title: {en: Chains, ja: 連鎖}
detect: {chain: 10}
items: [chain]
"""
# y = (sum over T of x) A B + c, with a square A.
ITEM = """
id: chain
kind: layer
title: {en: A chain of two products, ja: 2つの積の連鎖}
asks: {en: The sum over the steps times A and B plus c., ja: ステップについての和にAとBを掛けてcを足す。}
required: true
editions: [{edition: A, problem: 1}]
canonical: Chain(A, B, c); forward(x) -> y; backward(dy) -> dx
names: ['chain\\w*']
reference: chain_reference:Chain
input: {axes: [N, T, I], layouts: [NTI, TNI]}
output: {N: N, T: null, I: O}
weights:
  A: {axes: [I, Q], layouts: [IQ, QI], names: ['a', 'first']}
  B: {axes: [Q, O], layouts: [QO, OQ], names: ['b', 'second'], gradient: dSecond, scale: 0.5}
  c: {axes: [O], names: ['c', 'shift']}
roles: {in_nodes: I, out_nodes: O}
sizes: {N: [2, 4], T: [2, 5], I: [3, 6], O: [2, 7]}
shapes: {Q: I}
documented:
  - given: {x: [[[1, 0], [0, 1]]], A: [[1, 2], [3, 4]], B: [[1], [1]], c: [5]}
    upstream: [[1]]
    expected: {forward: [[15]], dA: [[1, 1], [1, 1]], dSecond: [[4], [6]], dc: [1]}
facets: {forward: 2, dX: 1, dA: 1, dSecond: 1, dc: 1, shape: 1, repeat: 1}
"""
REFERENCE = """
class Chain:
    def __init__(self, A, B, c):
        self.A, self.B, self.c = A, B, c
        self.grads = {}

    def forward(self, x):
        self.x = x
        self.s = x.sum(axis=1)
        return self.s @ self.A @ self.B + self.c

    def backward(self, dy):
        inner = dy @ self.B.T
        self.grads = {"A": self.s.T @ inner, "B": (self.s @ self.A).T @ dy, "c": dy.sum(axis=0)}
        dx = inner @ self.A.T
        return dx[:, None, :] + 0 * self.x
"""
ARRAYS = """
import numpy as np

class Chain:
    def __init__(self, A, B, c):
        self.A, self.B, self.c = A, B, c

    def forward(self, x):
        self.x, self.s = x, x.sum(axis=1)
        return self.s @ self.A @ self.B + self.c

    def backward(self, dy):
        inner = dy @ self.B.T
        self.dA = self.s.T @ inner
        self.dB = (self.s @ self.A).T @ dy
        self.dc = dy.sum(axis=0)
        return np.repeat((inner @ self.A.T)[:, None, :], self.x.shape[1], axis=1)
"""
OTHER_WAY = """
import numpy as np

class ChainLayer:  # weights as (outputs, inputs), made here
    def __init__(self, n_in, n_out):
        self.first = np.random.randn(n_in, n_in)
        self.second = np.random.randn(n_out, n_in)
        self.shift = np.zeros((1, n_out))
        self.grads = {}

    def forward(self, x):
        self.x, self.s = x, x.sum(axis=1)
        return self.s @ self.first.T @ self.second.T + self.shift

    def backward(self, dy):
        inner = dy @ self.second
        self.grads["first"] = inner.T @ self.s
        self.grads["second"] = dy.T @ (self.s @ self.first.T)
        self.grads["shift"] = dy.sum(axis=0, keepdims=True)
        return np.repeat((inner @ self.first)[:, None, :], self.x.shape[1], axis=1)
"""
WITH_CALL = """
import numpy as np

class Chain:
    def forward(self, x, a, b, c):
        self.kept = x, a, b
        return x.sum(1) @ a @ b + c

    def backward(self, dy):
        x, a, b = self.kept
        dx = (dy @ b.T @ a.T)[:, None, :] + np.zeros(x.shape)
        return dx, x.sum(1).T @ dy @ b.T, (x.sum(1) @ a).T @ dy, dy.sum(0)
"""


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of specs, whose reference can be imported."""
    (tmp_path / "chained").mkdir()
    (tmp_path / "chained" / "sprint.yaml").write_text(SPRINT, encoding="utf-8")
    (tmp_path / "chained" / "chain.yaml").write_text(ITEM, encoding="utf-8")
    (tmp_path / "chain_reference.py").write_text(REFERENCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "chain_reference", raising=False)
    return tmp_path


def graded(specs: Path, source: str) -> dict[str, Any]:
    """The report's item."""
    work, report = specs / "work.py", specs / "report.json"
    work.write_text(source)
    command = [sys.executable, "-m", "graders.cli", "grade", str(work), "--lang", "en"]
    command += ["--specs", str(specs), "--report", str(report)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(specs), *sys.path])}
    warm.run(command, env=environment, cwd=specs)
    (item,) = json.loads(report.read_text())["items"]
    assert isinstance(item, dict)
    return item


def failed(item: dict[str, Any]) -> set[str]:
    return {c["facet"] for c in item["checks"] if c["status"] != "passed"}


@pytest.mark.parametrize("source", [ARRAYS, OTHER_WAY, WITH_CALL])
def test_a_right_layer_passes_wherever_its_weights_come_from(specs: Path, source: str) -> None:
    item = graded(specs, source)
    assert (item["status"], item["score"]) == ("passed", 8)


@pytest.mark.parametrize(("source", "old", "new", "facets"), [
    (ARRAYS, "self.dA = self.s.T @ inner", "self.dA = (self.s.T @ inner).T", {"dA"}),
    (OTHER_WAY, "inner.T @ self.s", "self.s.T @ inner", {"dA"}),
    (WITH_CALL, "x.sum(1).T @ dy @ b.T,", "(x.sum(1).T @ dy @ b.T).T,", {"dA"}),
    (ARRAYS, "(self.s @ self.A).T @ dy", "self.s.T @ dy", {"dSecond"}),
    (ARRAYS, "self.s @ self.A @ self.B + self.c", "self.s @ self.A @ self.B", {"forward"}),
    (WITH_CALL, "dy.sum(0)\n", "dy[0]\n", {"dc"}),
])  # fmt: skip
def test_a_wrong_one_fails_where_it_is_wrong(
    specs: Path, source: str, old: str, new: str, facets: set[str]
) -> None:
    """The first three: only its own layout tells a square gradient from its transpose."""
    assert old in source
    item = graded(specs, source.replace(old, new))
    assert (item["status"], failed(item)) == ("partial", facets)


def test_a_gradient_is_called_by_the_name_of_its_weight(specs: Path) -> None:
    item = graded(specs, ARRAYS.replace("(self.s @ self.A).T @ dy", "self.s.T @ dy"))
    (check,) = (c for c in item["checks"] if c["id"] == "dSecond")
    assert check["message"].startswith("The gradient of B (dSecond) is wrong at index")


def test_a_pair_is_laid_beside_every_gradient(
    specs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["specs", "check", str(specs)]) == 0
    file = specs / "chained" / "chain.yaml"
    file.write_text(ITEM.replace("dSecond: [[4], [6]]", "dSecond: [[4], [7]]"), encoding="utf-8")
    assert cli.main(["specs", "check", str(specs)]) == 1
    assert "key documented.0.expected.dSecond: is 7 at [1, 0], but" in capsys.readouterr().out


@pytest.mark.parametrize(("old", "new", "reason"), [
    (", names: ['a', 'first']", "", "key weights.A: unknown weight 'A'; there is W, b; one besides W and b needs 'names'"),
    ("gradient: dSecond", "gradient: dA", "key weights.A.gradient: 'dA' is another facet already"),
    ("gradient: dSecond", "gradient: repeat", "key weights.B.gradient: 'repeat' is another facet already"),
    ("names: ['c', 'shift']", "names: ['c(']", "key weights.c.names.0: no valid pattern"),
    ("dSecond: 1", "dB: 1", "'dB' is the gradient of 'b', which is no weight"),
    ("dSecond: 1", "dSecnd: 1", "nothing checks 'dSecnd' of kind layer; its facets are dX, dA, dSecond, dc"),
    ("scale: 0.5", "scale: 0", "key weights.B.scale: 0 is too little; expected more than 0"),
    ("T: null, ", "", "key output: says nothing of the input's axis 'T'"),
    ("  c: {", "  stride: {", "key weights.stride: 'stride' is the name of a role"),
])  # fmt: skip
def test_what_does_not_fit_together_is_refused(
    specs: Path, old: str, new: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in ITEM
    (specs / "chained" / "chain.yaml").write_text(ITEM.replace(old, new), encoding="utf-8")
    assert cli.main(["specs", "check", str(specs)]) == 2
    assert reason in capsys.readouterr().err
