"""Softmax and cross-entropy against exact formulas in high precision."""

from fractions import Fraction
from math import exp, fsum, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference import SoftmaxCrossEntropy, softmax

Array = NDArray[Any]


def loops(z: Array, t: Array) -> tuple[Array, float]:
    """The probabilities and the mean loss, number by number."""
    p, losses = np.zeros(z.shape), []
    for i, row in enumerate(z):
        top = max(row)
        parts = [exp(v - top) for v in row]
        total = fsum(parts)
        p[i] = [part / total for part in parts]
        losses.append(fsum(-t[i, k] * (v - top - log(total)) for k, v in enumerate(row)))
    return p, fsum(losses) / len(z)


@settings(deadline=None)
@given(
    n=st.integers(1, 6),
    k=st.integers(1, 6),
    scale=st.sampled_from([1e-3, 1.0, 30.0, 1e4]),
    one_hot=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_softmax_and_loss(n: int, k: int, scale: float, one_hot: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.uniform(-scale, scale, (n, k))
    classes = rng.integers(0, k, n)
    t = np.eye(k)[classes] if one_hot else rng.dirichlet(np.ones(k), n)
    p, expected = loops(z, t)
    mean, total = SoftmaxCrossEntropy(), SoftmaxCrossEntropy("sum")
    loss = mean.forward(z, t)
    assert loss == pytest.approx(expected, rel=1e-9, abs=1e-14)
    assert total.forward(z, classes if one_hot else t) == loss
    np.testing.assert_allclose(mean.probabilities, p, rtol=1e-9, atol=1e-300)
    np.testing.assert_array_equal(softmax(z), mean.probabilities)
    np.testing.assert_allclose(softmax(z).sum(1), 1, rtol=1e-14)
    np.testing.assert_allclose(total.backward(), p - t, rtol=0, atol=1e-12)
    np.testing.assert_allclose(mean.backward(), (p - t) / n, rtol=0, atol=1e-12)


def test_the_gradient_is_that_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    z, t, direction = rng.normal(size=(4, 3)), [0, 2, 1, 1], rng.normal(size=(4, 3))
    loss = SoftmaxCrossEntropy()
    up, down = loss.forward(z + 1e-5 * direction, t), loss.forward(z - 1e-5 * direction, t)
    loss.forward(z, t)
    assert (up - down) / 2e-5 == pytest.approx(np.vdot(loss.backward(), direction), rel=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logits_of_1e4(dtype: str) -> None:
    z = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [1e4, 1e4, 1e4 - 1]], dtype)
    loss = SoftmaxCrossEntropy()
    with np.errstate(all="raise", under="ignore"):
        value = loss.forward(z, [1, 0, 2])
    third = log(2 + exp(-1)) + 1
    assert value == pytest.approx((2e4 + log(3) + third) / 3, rel=1e-6)
    p, dz = loss.probabilities, loss.backward()
    assert p.dtype == dz.dtype == dtype
    assert np.isfinite(p).all()
    assert np.isfinite(dz).all()
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-6)
    np.testing.assert_array_equal(p[0], [1, 0, 0])


def test_forms_of_softmax() -> None:
    # One vector, as in the im2col sprint, and exact thirds.
    np.testing.assert_array_equal(softmax([5, 5, 5]), [float(Fraction(1, 3))] * 3)
    rows = np.random.default_rng(0).normal(size=(2, 3, 4))
    np.testing.assert_array_equal(softmax(rows)[1, 2], softmax(rows[1, 2]))
    assert softmax(rows[:0]).shape == (0, 3, 4)
    assert softmax(np.array([1, 2], np.float32)).dtype == np.float32


def test_inputs_stay() -> None:
    z, t = np.arange(6.0).reshape(2, 3), np.eye(3)[:2]
    before = z.copy(), t.copy()
    loss = SoftmaxCrossEntropy()
    loss.forward(z, t)
    np.testing.assert_array_equal(loss.backward(), loss.backward())
    np.testing.assert_array_equal(z, before[0])
    np.testing.assert_array_equal(t, before[1])


@pytest.mark.parametrize(
    ("logits", "targets", "says"),
    [
        (np.ones(3), [0], "logits must have shape"),
        (np.ones((0, 3)), np.ones((0, 3)), "logits must have shape"),
        (np.ones((2, 3)), [0, 3], "class numbers must lie"),
        (np.ones((2, 3)), [0, -1], "class numbers must lie"),
        (np.ones((2, 3)), [0.0, 1.0], "targets must be"),
        (np.ones((2, 3)), np.ones((3, 2)), "targets must be"),
        (np.ones((2, 3)), np.ones((2, 3)), "must sum to one"),
    ],
)
def test_errors(logits: Array, targets: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SoftmaxCrossEntropy().forward(logits, targets)


def test_other_errors() -> None:
    with pytest.raises(ValueError, match="reduction"):
        SoftmaxCrossEntropy("max")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="before forward"):
        SoftmaxCrossEntropy().backward()
    for nothing in (3.0, np.ones((2, 0))):
        with pytest.raises(ValueError, match="at least one number"):
            softmax(nothing)
