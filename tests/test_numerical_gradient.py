"""Numerical gradients: right ways pass with any small step, in any shape; each slip fails, and what asks f nothing earns nothing."""

from pathlib import Path

import numpy as np
import pytest

import reference
from graders.judging.results import ItemResult
from graders.specs import load_course
from reference.differences import bowl
from tests.built_in import built_in_sprints
from tests.twins import results_of, told

ITEM = "numerical_gradient"


def judged(folder: Path, source: str) -> ItemResult:
    (course,) = load_course("saito", built_in_sprints()).values()
    return results_of(folder, "import numpy as np\n" + source, course, (ITEM,))[ITEM]


IN_PLACE = """
def numerical_gradient(f, x):
    h = {h}
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        after = f(x)
        x[i] = {second}
        grad[i] = {slope}
        x[i] = {last}
    return grad
"""
RIGHT = {"h": "1e-4", "second": "kept - h", "slope": "(after - f(x)) / (2 * h)", "last": "kept"}


@pytest.mark.parametrize("h", ["1e-3", "1e-5", "1e-6", "1e-7"])
def test_any_small_step_is_right(tmp_path: Path, h: str) -> None:
    result = judged(tmp_path, IN_PLACE.format(**RIGHT | {"h": h}))
    assert result.status == "passed", told(result)


VECTOR = """
def num_grad(theta, func):
    moved = 1e-5 * np.eye(theta.size)
    return np.array([func(theta + e) - func(theta - e) for e in moved]) / 2e-5
"""
FLAT = """
def eval_numerical_gradient(f, x, verbose=False, eps=1e-5):
    flat = x.ravel()
    slopes = [0.0] * flat.size
    for k in range(flat.size):
        here = flat.copy()
        here[k] += eps
        there = flat.copy()
        there[k] -= eps
        slopes[k] = (f(here.reshape(x.shape)) - f(there.reshape(x.shape))) / 2 / eps
    return np.reshape(slopes, x.shape)
"""
STEP_TOLD = """
def numerical_grad(x, h, f):
    grad = np.zeros(x.shape)
    for i, _ in np.ndenumerate(x):
        e = np.zeros(x.shape)
        e[i] = h
        grad[i] = (f(x + e) - f(x - e)) / (2 * h)
    return grad
"""


@pytest.mark.parametrize("source", [VECTOR, FLAT, STEP_TOLD])
def test_other_ways_are_right(tmp_path: Path, source: str) -> None:
    result = judged(tmp_path, source)
    assert result.status == "passed", told(result)


@pytest.mark.parametrize("h", ["1e-4", "1e-5", "1e-7"])
@pytest.mark.parametrize(
    "slip",
    [
        {"second": "kept", "slope": "(after - f(x)) / h"},
        {"slope": "(after - f(x)) / h"},
        {"slope": "(after - f(x)) / 2 * h"},
        {"slope": "(f(x) - after) / (2 * h)"},
        {"slope": "after - f(x)"},
    ],
)
def test_a_slip_fails(tmp_path: Path, h: str, slip: dict[str, str]) -> None:
    result = judged(tmp_path, IN_PLACE.format(**RIGHT | slip | {"h": h}))
    assert result.wrong_facets == {"forward"}, told(result)


def test_what_is_not_put_back_fails_in_the_gradient_and_in_what_it_leaves(tmp_path: Path) -> None:
    result = judged(tmp_path, IN_PLACE.format(**RIGHT | {"last": "x[i]"}))
    assert result.wrong_facets == {"forward", "repeat"}, told(result)
    mended = IN_PLACE.format(**RIGHT).replace("return grad", "x += 1; return grad")
    assert judged(tmp_path, mended).wrong_facets == {"repeat"}


def test_a_slip_has_its_name(tmp_path: Path) -> None:
    slip = {"second": "kept", "slope": "(after - f(x)) / h"}
    result = judged(tmp_path, IN_PLACE.format(**RIGHT | slip))
    assert [d.best.id for d in result.diagnoses] == ["numerical-gradient-forward"], told(result)


@pytest.mark.parametrize(
    "answer",
    ["np.zeros_like(x)", "x", "2 * x", "np.full(x.shape, f(x))", "np.random.randn(*x.shape)"],
)
def test_what_differences_nothing_earns_nothing(tmp_path: Path, answer: str) -> None:
    result = judged(tmp_path, f"def numerical_gradient(f, x):\n    return {answer}\n")
    assert result.score == 0, told(result)


def test_the_reference_is_the_derivative_where_one_side_alone_is_not() -> None:
    rng = np.random.default_rng(2)
    for shape in ((3,), (2, 4), (2, 1, 3)):
        x = rng.normal(size=shape)
        text = bowl(x, rng)
        parts: dict[str, np.ndarray] = {}
        f = eval(text)
        names = f.__code__.co_freevars
        parts = dict(zip(names, (c.cell_contents for c in f.__closure__), strict=True))
        off = x.ravel() - parts["c"]
        exact = parts["w"] * off + parts["v"] * (off @ parts["v"]) + 0.003 * off**2
        exact = (parts["k"] * exact).reshape(shape)
        size = np.abs(exact).max()
        before = x.copy()
        for h in (1e-3, 1e-4, 1e-5, 1e-6):
            found = reference.numerical_gradient(f, x, h)
            assert np.abs(found - exact).max() < 5e-7 * size
        np.testing.assert_array_equal(x, before)
        for h in (1e-4, 1e-7):
            aside = np.array([(f(x.ravel() + h * e) - f(x)) / h for e in np.eye(x.size)])
            assert np.abs(aside.reshape(shape) - exact).max() > 2e-6 * size
