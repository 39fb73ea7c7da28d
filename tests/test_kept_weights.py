"""A layer's weights are the ones that it holds, and what raises later was not right before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.one_item import facets, judged, said

Write = Callable[..., Path]

DENSE = """
    class FC:
        def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
            self.sizes, self.initializer, self.optimizer = (n_nodes1, n_nodes2), initializer, optimizer
            self.W = None
            {made}
        def forward(self, X):
            {called}
            self.X = X
            return X @ self.W + self.B
        def backward(self, dA):
            self.dB, self.dW = dA.sum(axis=0), self.X.T @ dA
            dZ = dA @ self.W.T
            self.optimizer.update(self)
            return dZ
    """
DRAW = "self.W, self.B = initializer.W(*self.sizes), initializer.B(self.sizes[1])"
AGAIN = "self.W, self.B = self.initializer.W(*self.sizes), self.initializer.B(self.sizes[1])"
ONCE = f"if self.W is None: {AGAIN}"


@pytest.mark.parametrize(
    ("made", "called"), [(DRAW, "pass"), ("pass", ONCE)], ids=["constructor", "first call"]
)
def test_weights_that_are_drawn_once_are_right(
    made: str, called: str, write_notebook: Write
) -> None:
    result = judged(write_notebook, "dnn", "fc", DENSE.format(made=made, called=called))
    assert result.status == "passed", said(result)


@pytest.mark.parametrize("made", [DRAW, "pass"], ids=["in the constructor too", "in forward alone"])
def test_weights_that_each_forward_draws_are_wrong(made: str, write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "fc", DENSE.format(made=made, called=AGAIN))
    assert not facets(result) & {"forward", "repeat"}
    assert "draws new weights each time" in said(result)


RAISING = """
    class FC:
        def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
            self.optimizer, self.calls = optimizer, 0
            self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)
        def forward(self, X):
            {forward}
            self.X = X
            return {wrong} * (X @ self.W + self.B)
        def backward(self, dA):
            {backward}
            self.dB, self.dW = {wrong} * dA.sum(axis=0), {wrong} * self.X.T @ dA
            return {wrong} * dA @ self.W.T
    """
SECOND = "self.calls += 1; assert self.calls < 2"


def test_what_a_second_call_raises_costs_forward_and_the_repetition(write_notebook: Write) -> None:
    raising = RAISING.format(forward=SECOND, backward="pass", wrong=1)
    result = judged(write_notebook, "dnn", "fc", raising)
    assert not facets(result) & {"forward", "repeat"}, said(result)
    assert "dW" in facets(result)  # each new instance shows it


def test_a_gradient_whose_later_calls_raise_is_not_right(write_notebook: Write) -> None:
    raising = RAISING.format(forward="pass", backward=SECOND, wrong=1)
    result = judged(write_notebook, "dnn", "fc", raising)
    assert "repeat" not in facets(result)
    assert not facets(result) & {"dX", "dW", "dB"}


def test_a_derivative_of_a_wrong_forward_is_right_in_every_case_or_not_at_all(
    write_notebook: Write,
) -> None:
    gradients = {"dX", "dW", "dB"}
    consistent = RAISING.format(forward="pass", backward="pass", wrong=2)
    assert facets(judged(write_notebook, "dnn", "fc", consistent)) >= gradients
    # right for the sizes that come first, and for no others
    once = "FC.first = getattr(FC, 'first', dA.shape); assert dA.shape == FC.first"
    raising = RAISING.format(forward="pass", backward=once, wrong=2)
    assert not facets(judged(write_notebook, "dnn", "fc", raising)) & gradients
