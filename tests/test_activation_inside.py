"""A dense or convolutional layer with an activation inside is told which, by what came out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders.judging.results import ItemResult
from graders.kinds.layer.activated import activation_of
from tests.built_in import built_in_sprints
from tests.one_item import dense, facets, judged, said

Write = Callable[..., Path]


def names(result: ItemResult, facet: str) -> set[str]:
    return {n.id for d in result.diagnoses if d.facet == facet for n in d.names}


@pytest.mark.parametrize(
    ("forward", "name"),
    [
        ("np.maximum(0, X @ self.W + self.B)", "relu-inside"),
        ("1 / (1 + np.exp(-(X @ self.W + self.B)))", "sigmoid-inside"),
        ("np.tanh(X @ self.W)", "tanh-inside"),  # and the bias is left out
        ("np.maximum(0, X @ self.W * 3 - self.B)", "relu-inside"),  # and something without a name
        ("np.tanh((X @ self.W - 2 * self.B) / 5)", "tanh-inside"),
        ("np.where((Z := X @ self.W + self.B) > 0, Z, np.exp(Z) - 1)", "activation-inside"),  # ELU
        # No activation:
        ("abs(X @ self.W + self.B)", ""),
        ("np.maximum(X, 0) @ self.W + self.B", ""),  # of the input
        ("X @ self.W * 3 - self.B", ""),
        ("(X @ self.W + self.B) * (X[:, :1] > 0)", ""),
    ],
)
def test_the_activation_of_a_dense_layer_is_named(
    write_notebook: Write, forward: str, name: str
) -> None:
    result = judged(write_notebook, "dnn", "fc", dense(forward=forward))
    assert "forward" not in facets(result)
    found = {n for n in names(result, "forward") if n.endswith("-inside")}
    assert found == ({name} if name else set()), said(result)


def test_one_that_may_be_given_and_is_not_is_none(write_notebook: Write) -> None:
    source = dense(forward="self.act(X @ self.W + self.B)")
    source = source.replace("optimizer):", "optimizer, activation=None):").replace(
        "self.X = X", "self.X = X; self.act = lambda z: z"
    )
    assert judged(write_notebook, "dnn", "fc", source).status == "passed"


@pytest.mark.parametrize(
    ("derivative", "name"),
    [
        ("(self.A > 0)", "relu-derivative-inside"),
        ("self.A * (1 - self.A)", "sigmoid-derivative-inside"),
        ("(1 - np.tanh(self.A) ** 2)", "tanh-derivative-inside"),
        ("2", ""),
    ],
)
def test_its_derivative_in_backward_is_named(
    write_notebook: Write, derivative: str, name: str
) -> None:
    source = dense().replace("return X @ self.W", "self.A = X @ self.W + self.B; return X @ self.W")
    source = source.replace("dZ = dA", f"dA = dA * {derivative}; dZ = dA")
    result = judged(write_notebook, "dnn", "fc", source)
    assert "forward" in facets(result)
    for facet in ("dX", "dW", "dB"):
        assert facet not in facets(result)
        assert {n for n in names(result, facet) if "derivative" in n} == ({name} if name else set())


CONV = """
    class Conv2d:
        def __init__(self, n_in, n_out, size, initializer, optimizer):
            self.W, self.B = initializer.W(n_out, n_in, size, size), initializer.B(n_out)
            self.optimizer = optimizer
        def forward(self, X):
            self.X = X
            at = np.lib.stride_tricks.sliding_window_view(X, self.W.shape[2:], axis=(2, 3))
            A = np.einsum('ncyxij,ocij->noyx', at, self.W) + self.B[:, None, None]
            {rest}
        def backward(self, dA):
            return np.zeros(self.X.shape)
    """


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("return np.maximum(A, 0)", "relu-inside"),
        ("return np.tanh(A)", "tanh-inside"),
        ("A[:, :, A.shape[2] // 2:] = 0; return A", ""),  # zeros of another kind
    ],
)
def test_the_activation_of_a_convolution_is_named(
    write_notebook: Write, rest: str, name: str
) -> None:
    result = judged(write_notebook, "cnn2", "conv2d", CONV.format(rest=rest))
    assert {n for n in names(result, "forward") if n.endswith("-inside")} == (
        {name} if name else set()
    )


class _Answer:
    """What a layer gave for a case."""

    def __init__(self, array: np.ndarray) -> None:
        self.y = type("Found", (), {"array": array})()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda z: np.maximum(z, 0), "relu-inside"),
        (lambda z: np.tanh(z), "tanh-inside"),
        (lambda z: 1 / (1 + np.exp(-z)), "sigmoid-inside"),
        (lambda z: z, ""),
        (lambda z: np.abs(z), ""),
        (lambda z: np.maximum(z, 1), ""),
        (lambda z: np.trunc(z), ""),
        (lambda z: z * z, ""),
    ],
)
def test_three_inputs_tell_an_activation_whatever_stands_before_it(
    seed: int, function: Callable[[np.ndarray], np.ndarray], name: str
) -> None:
    from graders import cases

    rng = np.random.default_rng(seed)
    drawn = [cases.draw(built_in_sprints()["dnn"].item("fc"), rng) for _ in range(5)]

    def measure(asked: cases.LayerCase) -> _Answer:
        return _Answer(function(1.3 * asked.x @ asked.weights["W"] - 0.2))

    found = activation_of(drawn, measure, rng)  # type: ignore[arg-type]
    assert (found.id if found else "") == name
