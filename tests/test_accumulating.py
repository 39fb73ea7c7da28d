"""Gradients that add up: right where something puts them back, wrong where nothing does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.one_item import facets, judged, said

Write = Callable[..., Path]

PARAMETER = """
    class Param:
        def __init__(self, value):
            self.value, self.grad = value, np.zeros_like(value)
    class Dense:
        def __init__(self, n_in, n_out):
            self.w, self.b = Param(np.random.randn(n_in, n_out)), Param(np.zeros(n_out))
        def forward(self, x):
            self.x = x
            return x @ self.w.value + self.b.value
        def backward(self, dy):
            self.w.grad += self.x.T @ dy
            self.b.grad += dy.sum(axis=0)
            return dy @ self.w.value.T
    """
PLAIN = """
    class Dense:
        def __init__(self, n_in, n_out):
            self.w, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
            self.dw, self.db = np.zeros((n_in, n_out)), np.zeros(n_out)
        def {name}(self):
            self.dw, self.db = np.zeros_like(self.w), np.zeros_like(self.b)
        def forward(self, x):
            self.x = x
            return x @ self.w + self.b
        def backward(self, dy):
            self.dw += self.x.T @ dy
            self.db += dy.sum(axis=0)
            return dy @ self.w.T
    """
KEYED = PLAIN.replace("self.dw", "self.p['dw']").replace(
    "self.p['dw'], self.db =", "self.p = dict(w=0, dw=0); self.p['dw'], self.db =", 1
)


def test_a_parameter_object_is_judged_from_zero(write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "fc", PARAMETER)
    assert result.status == "passed", said(result)


@pytest.mark.parametrize("name", ["zero_grad", "reset_gradients", "clear_grads", "cleargrads"])
def test_a_layer_that_offers_zeroing_is_judged_from_zero(write_notebook: Write, name: str) -> None:
    result = judged(write_notebook, "dnn", "fc", PLAIN.format(name=name))
    assert result.status == "passed", said(result)


NETWORK = """
    class Network:
        def __init__(self):
            self.layers = [Dense(4, 3), Dense(3, 2)]
        def {name}(self):
            for layer in self.layers:
                layer.{name}()
    """


def test_a_layer_that_the_network_puts_back_is_judged_from_zero(write_notebook: Write) -> None:
    source = (PLAIN + NETWORK).format(name="summary")
    result = judged(write_notebook, "dnn", "fc", source)
    assert result.status == "passed", said(result)


ONCE = PLAIN.format(name="summary").replace(
    "self.dw, self.db = np.zeros((n_in, n_out)), np.zeros(n_out)", "self.summary()"
)
BEGUN = """
    class Dense:
        def __init__(self):
            self.dw, self.db, self.x = 0, 0, None
        def forward(self, x, w, b):
            self.x, self.w = x, w
            return x @ w + b
        def backward(self, dy):
            self.dw = self.dw + self.x.T @ dy
            self.db = self.db + dy.sum(axis=0)
            return dy @ self.w.T
    """


@pytest.mark.parametrize("source", [ONCE, BEGUN])
def test_what_only_begins_at_zero_is_not_put_back(write_notebook: Write, source: str) -> None:
    """A constructor, and what it calls itself, is called once: whoever trains never comes back to it."""
    result = judged(write_notebook, "dnn", "fc", source)
    assert facets(result) == {"forward", "dX", "shape"}


@pytest.mark.parametrize("source", [PLAIN, KEYED])
def test_what_grows_and_is_never_put_back_is_wrong(write_notebook: Write, source: str) -> None:
    result = judged(write_notebook, "dnn", "fc", source.format(name="summary"))
    assert facets(result) == {"forward", "dX", "shape"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("self.w.grad += self.x.T @ dy", "self.w.grad += self.w.grad + self.x.T @ dy"),
        ("np.zeros_like(value)", "np.full_like(value, 1e-3)"),
        ("self.w.grad += self.x.T @ dy", "self.w.grad += self.x.T @ dy + (self.w.grad != 0)"),
        ("self.x = x", "self.x = getattr(self, 'x', x)"),
    ],
    ids=["doubles", "begins elsewhere", "adds one more", "keeps the first input"],
)
def test_only_the_adding_up_is_forgiven(write_notebook: Write, right: str, wrong: str) -> None:
    result = judged(write_notebook, "dnn", "fc", PARAMETER.replace(right, wrong))
    assert "dW" not in facets(result), said(result)


def test_a_forward_that_remembers_is_not_forgiven_with_it(write_notebook: Write) -> None:
    grows = PARAMETER.replace(
        "self.x = x", "self.x = x; self.n = getattr(self, 'n', 0) + 1"
    ).replace("return x @ self.w.value", "return self.n * x @ self.w.value")
    assert {"forward", "repeat"}.isdisjoint(facets(judged(write_notebook, "dnn", "fc", grows)))
