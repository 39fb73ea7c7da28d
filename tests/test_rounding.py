"""What rounding explains is right, and nothing else: by dtype and number of operations."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders.kinds.optimizer import updates
from graders.kinds.optimizer.steps import Truth
from graders.rounding import Sums, drift, explained
from tests.built_in import built_in_sprints
from tests.moved import right_moves, trial_of
from tests.one_item import facets, judged

Write = Callable[..., Path]
PRECISIONS = [np.float16, np.float32]


def in_turn(x: np.ndarray, w: np.ndarray, dtype: type) -> np.ndarray:
    """x @ w, each product and each sum rounded."""
    x, w = x.astype(dtype), w.astype(dtype)
    total: np.ndarray = np.zeros((len(x), w.shape[1]), dtype)
    for i in range(x.shape[1]):
        total = total + x[:, i : i + 1] * w[i]
    return total


def product(rng: np.random.Generator, terms: int) -> tuple[np.ndarray, np.ndarray, Sums]:
    """Two arrays, and how their product is summed."""
    x = rng.standard_normal((int(rng.integers(1, 6)), terms))
    w = rng.standard_normal((terms, int(rng.integers(2, 7))))
    scale = float(np.sqrt(np.mean(x**2) * np.mean(w**2) * terms))
    return x, w, Sums(terms, scale, min(x.size, w.size))


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("terms", [1, 3, 12, 60, 300])
def test_a_rounded_product_is_right(dtype: type, terms: int) -> None:
    rng = np.random.default_rng(terms)
    for _ in range(60):
        x, w, sums = product(rng, terms)
        assert explained(in_turn(x, w, dtype), x @ w, 0.0, sums) is not None


@pytest.mark.parametrize("factor", [1.006, 0.994, 1.1])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_constant_factor_is_no_rounding(dtype: type, factor: float) -> None:
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(40):
        x, w, sums = product(rng, 8)
        wrong += explained((factor * (x @ w)).astype(dtype), x @ w, 0.0, sums) is None
    assert wrong >= 38  # of each five cases that an item has one is enough


def test_a_small_factor_shows_in_the_direction_of_the_errors_alone() -> None:
    truth = np.random.default_rng(1).standard_normal(400)
    assert explained((truth * 1.0015).astype(np.float16), truth) is None
    noise = 0.0015 * np.random.default_rng(2).choice([-1.0, 1.0], 400)
    assert explained((truth + noise).astype(np.float16), truth) is not None
    assert drift(truth.astype(np.float16), truth) < 1 < drift(truth * 1.0015, truth)


def test_double_precision_may_have_gone_through_single_and_through_no_half() -> None:
    truth = np.random.default_rng(3).standard_normal((5, 4))
    assert explained(truth.astype(np.float32).astype(float), truth) is not None
    assert explained(truth.astype(np.float16).astype(float), truth) is None


def test_what_is_not_finite_or_of_another_shape_is_not_explained() -> None:
    truth = np.ones(3)
    assert explained(np.array([1, np.nan, 1]), truth) is None
    assert explained(np.ones(4), truth) is None
    assert explained(np.zeros(3), np.zeros(3)) == 0


# -- layers -------------------------------------------------------------------------------------

HALF = """
    class FC:
        def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
            self.optimizer = optimizer
            self.W = initializer.W(n_nodes1, n_nodes2)
            self.B = initializer.B(n_nodes2)
        def forward(self, X):
            self.X = X
            return ({c} * (X @ self.W) + {d} * self.B).astype(np.float16)
        def backward(self, dA):
            self.dW = ({c} * self.X.T @ dA).astype(np.float16)
            self.dB = ({d} * dA.sum(axis=0)).astype(np.float16)
            self.optimizer.update(self)
            return ({c} * dA @ self.W.T).astype(np.float16)
    """


def test_a_layer_in_half_precision_is_right(write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "fc", HALF.format(c=1, d=1))
    assert result.status == "passed", result.checks


def test_factors_in_half_precision_are_wrong(write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "fc", HALF.format(c=1.006, d=0.994))
    assert not facets(result) & {"forward", "dX", "dW", "dB"}


@pytest.mark.parametrize(("slope", "right"), [("0", True), ("0.004", False)])
def test_a_leaky_relu_in_half_precision(write_notebook: Write, slope: str, right: bool) -> None:
    source = f"""
        class ReLU:
            def forward(self, A):
                self.A = A
                return np.where(A > 0, A, {slope} * A).astype(np.float16)
            def backward(self, dZ):
                return np.where(self.A > 0, dZ, {slope} * dZ).astype(np.float16)
        """
    result = judged(write_notebook, "dnn", "relu", source)
    assert facets(result) >= {"forward", "dX"} if right else not facets(result) & {"forward", "dX"}


# -- optimisers ---------------------------------------------------------------------------------


def steps(beside: float, under: float, lr: float, rows: Truth) -> list[np.ndarray]:
    """AdaGrad with a constant beside the root, or under it."""
    h, moves = np.zeros_like(rows.gradients[0]), []
    for g in rows.gradients:
        h = h + g * g
        moves.append(-lr * g / (np.sqrt(h + under) + beside))
    return moves


@pytest.mark.parametrize(
    ("beside", "under", "right"),
    [(0, 0, True), (1e-7, 0, True), (0, 1e-7, True), (1e-5, 0, True), (0, 1e-4, True),
     (1e-2, 0, False), (0, 1e-2, False)],
)  # fmt: skip
def test_a_constant_beside_h_is_right_as_long_as_it_is_small(
    beside: float, under: float, right: bool
) -> None:
    rng = np.random.default_rng(4)
    gradients = tuple(rng.uniform(0.1, 1, (3, 2)) * rng.choice([-1, 1], (3, 2)) for _ in range(4))
    rows = Truth(gradients, (4, 4, 4, 3), 1.0)
    moves = steps(beside, under, 0.125, rows)
    adagrad = built_in_sprints()["dnn"].item("adagrad")
    explained = updates.explanation(adagrad, trial_of(adagrad, rows, 0.125, moves))
    assert (explained.scales == {"W": "sum"}) is right


def test_a_thousandth_too_much_is_no_rounding() -> None:
    rng = np.random.default_rng(6)
    rows = Truth(tuple(rng.standard_normal((3, 2)) for _ in range(4)), (4, 4, 4, 3), 1.0)
    for spec in map(built_in_sprints()["dnn"].item, ("sgd", "adagrad")):
        moves = [1.0005 * m for m in right_moves(spec, rows, 0.125, "mean")]
        assert not updates.explanation(spec, trial_of(spec, rows, 0.125, moves)).scales
