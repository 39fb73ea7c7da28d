"""Weights are drawn: no order, not too even, other values in another call."""

from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from graders.kinds.initializer.drawing import drawn
from graders.messages import M
from tests.one_item import facets, judged, said

Write = Callable[..., Path]
W = M("W")

INITIALIZER = """
    {before}
    class SimpleInitializer:
        def __init__(self, sigma):
            self.sigma = sigma
            {made}
        def W(self, a, b):
            {called}
            return self.sigma * {drawn}
        def B(self, b):
            return np.zeros(b)
    """


def initializer(drawn: str, made: str = "pass", called: str = "pass", before: str = "") -> str:
    return INITIALIZER.format(drawn=drawn, made=made, called=called, before=before)


RIGHT = {
    "NumPy's own": initializer("np.random.randn(a, b)"),
    "a seed in the method": initializer("np.random.randn(a, b)", called="np.random.seed(0)"),
    "a seeded generator of its own": initializer(
        "self.rng.standard_normal((a, b))", made="self.rng = np.random.default_rng(3)"
    ),
    "a generator seeded in the method": initializer(
        "np.random.RandomState(1).standard_normal((a, b))"
    ),
    "a seed imported by name": initializer(
        "np.random.randn(a, b)", called="seed(1)", before="from numpy.random import seed"
    ),
    "Python's own, in loops": initializer(
        "np.array([[random.gauss(0, 1) for _ in range(b)] for _ in range(a)])",
        called="random.seed(5)",
    ),
    "single precision": initializer("np.random.randn(a, b).astype(np.float32)"),
}
QUANTILES = """
    from statistics import NormalDist
    def table(n):
        return np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
    TABLE = np.random.RandomState(0).randn(400 * 300)
    """
WRONG = {
    "quantiles in order": "table(a * b).reshape(a, b)",
    "quantiles, shuffled": "np.random.permutation(table(a * b)).reshape(a, b)",
    "one table": "TABLE[:a * b].reshape(a, b)",
    "one table, shuffled": "np.random.permutation(TABLE)[:a * b].reshape(a, b)",
    "one table, turned": "np.roll(TABLE, np.random.randint(1000))[:a * b].reshape(a, b)",
    "a row that is another's": "np.random.randn(a, b)[np.arange(a) % (a - 1)]",
    "each twice, by its sign": "(lambda h: np.concatenate([h, -h])[:a])(np.random.randn((a + 1) // 2, b))",
    "draws in order": "np.sort(np.random.randn(a * b)).reshape(a, b)",
    "zeros": "np.zeros((a, b))",
}


@pytest.mark.parametrize("case", RIGHT)
def test_draws_are_right_whatever_their_seed(case: str, write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "simple_initializer", RIGHT[case])
    assert result.status == "passed", said(result)


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_drawn_earns_nothing(case: str, write_notebook: Write) -> None:
    source = initializer(WRONG[case])
    result = judged(write_notebook, "dnn", "simple_initializer", QUANTILES, source)
    assert facets(result) == set()
    assert "random" in said(result)


def test_independent_draws_are_never_refused() -> None:
    rng = np.random.default_rng(0)
    for shape in [(400, 300), (24, 30, 40)] * 3:
        one, two, three = (rng.standard_normal(shape) for _ in range(3))
        assert drawn(one, [two, three], W) is None
        single = [a.astype(np.float32) for a in (one, two, three)]
        assert drawn(single[0], single[1:], W) is None


@pytest.mark.parametrize("axis", [0, 1])
def test_an_order_along_either_axis_is_seen(axis: int) -> None:
    values = np.random.default_rng(1).standard_normal((40, 300))
    assert drawn(values, [], W) is None
    assert drawn(np.sort(values, axis=axis), [], W) is not None


@pytest.mark.parametrize("scale", [1.0, -1.0, 1.001])
def test_one_list_of_values_is_seen_in_any_order_and_size(scale: float) -> None:
    rng = np.random.default_rng(2)
    values = rng.standard_normal((40, 300))
    again = scale * rng.permutation(values.ravel()).reshape(values.shape)
    assert drawn(values, [values, again], W) is not None


def test_values_as_even_as_quantiles_are_no_draws() -> None:
    even = np.array([NormalDist().inv_cdf((i + 0.5) / 12000) for i in range(12000)])
    shuffled = np.random.default_rng(3).permutation(even).reshape(40, 300)
    assert "evenly" in str(drawn(shuffled, [], W))
