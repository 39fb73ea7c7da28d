"""What every layer promises, and the dense and element-wise layers themselves."""

from collections.abc import Callable
from math import exp, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference import (
    FC,
    AveragePool2D,
    Conv1d,
    Conv2d,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sigmoid,
    SimpleInitializer,
    Tanh,
    sigmoid,
    tanh_derivative,
)

Array = NDArray[Any]


def numbers(*shape: int) -> Array:
    """Different numbers of both signs, away from zero and from each other."""
    count = int(np.prod(shape))
    values = (np.arange(count) - count // 2 + 0.5) / 4
    return np.random.default_rng(count).permutation(values).reshape(shape)


# A layer for a dtype, and an input that suits it.
LAYERS: dict[str, tuple[Callable[[Any], Layer], Array]] = {
    "FC": (lambda t: FC(numbers(5, 3).astype(t), numbers(3).astype(t)), numbers(4, 5)),
    "FC, no bias": (lambda t: FC(numbers(5, 3).astype(t)), numbers(4, 5)),
    "Conv1d": (
        lambda t: Conv1d(numbers(3, 2, 3).astype(t), numbers(3).astype(t), 2, 1),
        numbers(4, 2, 9),
    ),
    "Conv2d": (
        lambda t: Conv2d(numbers(3, 2, 3, 2).astype(t), numbers(3).astype(t), (1, 2), (2, 1)),
        numbers(4, 2, 5, 6),
    ),
    "Conv2d, narrow": (
        lambda t: Conv2d(numbers(3, 2, 3, 2).astype(t), None, 1, (0, 1)),
        numbers(7, 2, 5, 2),
    ),
    "MaxPool2D": (lambda t: MaxPool2D(3, 2, 1), numbers(2, 3, 6, 7)),
    "MaxPool2D, 2x2": (lambda t: MaxPool2D(2), numbers(2, 3, 4, 6)),
    "AveragePool2D": (lambda t: AveragePool2D((2, 3), 2, 1), numbers(2, 3, 6, 7)),
    "Flatten": (lambda t: Flatten(), numbers(2, 3, 4)),
    "ReLU": (lambda t: ReLU(), numbers(3, 4)),
    "Sigmoid": (lambda t: Sigmoid(), numbers(3, 4)),
    "Tanh": (lambda t: Tanh(), numbers(3, 4)),
}
every_layer = pytest.mark.parametrize("name", LAYERS)


@every_layer
def test_gradients_are_central_differences(name: str) -> None:
    make, x = LAYERS[name]
    layer = make(float)
    rng = np.random.default_rng(0)
    dy = rng.normal(size=layer.forward(x).shape)
    grads = {"x": layer.backward(dy), **layer.grads}
    assert grads.keys() - {"x"} == layer.params.keys()
    for key, grad in grads.items():
        direction = rng.uniform(0.5, 1.5, grad.shape) * rng.choice([-1, 1], grad.shape)
        values = []
        for h in (1e-5, -1e-5):
            moved = make(float)
            if key != "x":
                moved.params[key] += h * direction
            y = moved.forward(x + h * direction if key == "x" else x)
            values.append(float(np.vdot(y, dy)))
        difference = (values[0] - values[1]) / 2e-5
        assert difference == pytest.approx(np.vdot(grad, direction), rel=1e-7, abs=1e-7)


@every_layer
@pytest.mark.parametrize(
    ("given_dtype", "expected"),
    [("float32", "float32"), ("float64", "float64"), ("int64", "float64"), ("float16", "float64")],
)
def test_dtypes(name: str, given_dtype: str, expected: str) -> None:
    make, x = LAYERS[name]
    layer = make(given_dtype)
    y = layer.forward(x.astype(given_dtype))
    dx = layer.backward(np.ones_like(y))
    assert [a.dtype for a in (y, dx, *layer.grads.values())] == [np.dtype(expected)] * (
        2 + len(layer.grads)
    )
    # The gradient's own dtype doesn't decide.
    assert layer.backward(np.ones(y.shape, int)).dtype == expected
    exact = make(given_dtype).forward(x.astype(given_dtype).astype(float))
    np.testing.assert_allclose(y, exact, rtol=1e-4, atol=1e-4)


@every_layer
def test_inputs_stay_and_backward_repeats(name: str) -> None:
    make, x = LAYERS[name]
    layer = make(float)
    params = {key: p.copy() for key, p in layer.params.items()}
    given_x = x.copy()
    given_x.flags.writeable = False
    y = layer.forward(given_x)
    first_y = y.copy()
    dy = np.random.default_rng(0).normal(size=y.shape)
    given_dy = dy.copy()
    given_dy.flags.writeable = False
    dx, grads = layer.backward(given_dy), dict(layer.grads)
    again = layer.backward(given_dy)
    np.testing.assert_array_equal(dx, again)
    assert dx.shape == x.shape
    for key, grad in grads.items():
        np.testing.assert_array_equal(grad, layer.grads[key])
        assert grad is not layer.grads[key]
        assert grad.shape == layer.params[key].shape
        np.testing.assert_array_equal(params[key], layer.params[key])
    np.testing.assert_array_equal(given_x, x)
    np.testing.assert_array_equal(given_dy, dy)
    # A later call must not write into what an earlier one returned.
    layer.forward(x[::-1].copy())
    np.testing.assert_array_equal(y, first_y)


@every_layer
def test_gradients_without_dx(name: str) -> None:
    make, x = LAYERS[name]
    one, other = make(float), make(float)
    y = one.forward(x)
    other.forward(x)
    one.backward(y)
    other.backward_params(y)
    for key, grad in one.grads.items():
        np.testing.assert_array_equal(grad, other.grads[key])


@every_layer
def test_errors_of_backward(name: str) -> None:
    make, x = LAYERS[name]
    layer = make(float)
    with pytest.raises(RuntimeError, match="before forward"):
        layer.backward(x)
    y = layer.forward(x)
    with pytest.raises(ValueError, match="dy has shape"):
        layer.backward(y[:1])
    with pytest.raises(ValueError, match="real numbers"):
        layer.forward(x.astype(complex))


@every_layer
def test_an_empty_batch(name: str) -> None:
    make, x = LAYERS[name]
    layer = make(float)
    y = layer.forward(x[:0])
    assert layer.backward(y).shape == x[:0].shape
    assert not any(grad.any() for grad in layer.grads.values())


@every_layer
def test_any_strides(name: str) -> None:
    """Views, such as a transposed or reversed array, give what their copies give."""
    make, x = LAYERS[name]
    layer = make(float)
    view = np.asfortranarray(x)[::-1]
    y = layer.forward(view)
    np.testing.assert_array_equal(y, layer.forward(view.copy()))
    dy = np.asfortranarray(y)
    np.testing.assert_allclose(layer.backward(dy), layer.backward(y), rtol=1e-12)


def test_parameters_are_copies() -> None:
    W, b = numbers(5, 3), numbers(3)
    for layer in (FC(W, b), Conv1d(W[:, :, None], np.ones(5)), Conv2d(W[:, :, None, None])):
        for p in layer.params.values():
            p += 1
    np.testing.assert_array_equal(W, numbers(5, 3))
    np.testing.assert_array_equal(b, numbers(3))


@settings(deadline=None, max_examples=50)
@given(
    n=st.integers(1, 5),
    n_in=st.integers(1, 5),
    n_out=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_fc_is_what_the_loops_compute(n: int, n_in: int, n_out: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, W, b = rng.normal(size=(n, n_in)), rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)
    dy = rng.normal(size=(n, n_out))
    y, dx, dW, db = np.zeros((n, n_out)), 0 * x, 0 * W, 0 * b
    for m, o in np.ndindex(n, n_out):
        y[m, o] = b[o]
        db[o] += dy[m, o]
        for i in range(n_in):
            y[m, o] += x[m, i] * W[i, o]
            dx[m, i] += dy[m, o] * W[i, o]
            dW[i, o] += dy[m, o] * x[m, i]
    layer = FC(W, b)
    found = layer.forward(x), layer.backward(dy), layer.grads["W"], layer.grads["b"]
    for actual, expected in zip(found, (y, dx, dW, db), strict=True):
        assert np.linalg.norm(actual - expected) <= 1e-9 * np.linalg.norm(expected)


def test_fc_initialised_and_errors() -> None:
    rng = np.random.default_rng(0)
    layer = FC.initialised(4, 3, SimpleInitializer(0.1), rng)
    assert {key: p.shape for key, p in layer.params.items()} == {"W": (4, 3), "b": (3,)}
    assert list(FC.initialised(4, 3, SimpleInitializer(0.1), rng, bias=False).params) == ["W"]
    with pytest.raises(ValueError, match=r"x must have shape \(N, 4\)"):
        layer.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match="W must have shape"):
        FC(np.ones(3))
    with pytest.raises(ValueError, match="b must have shape"):
        FC(np.ones((3, 2)), np.ones(3))


def test_flatten_makes_a_view() -> None:
    x = numbers(2, 3, 4)
    y = Flatten().forward(x)
    assert y.base is not None
    assert np.shares_memory(x, y)
    np.testing.assert_array_equal(y[1], x[1].ravel())
    with pytest.raises(ValueError, match="batch axis"):
        Flatten().forward(3.0)


reals = st.floats(-700, 700)


@settings(deadline=None)
@given(st.lists(reals, min_size=1), st.floats(-10, 10))
def test_activations_are_their_formulas(values: list[float], slope: float) -> None:
    x, dy = np.array(values), np.full(len(values), slope)
    formulas: list[tuple[Layer, Callable[[float], float], Callable[[float], float]]] = [
        (ReLU(), lambda v: max(v, 0.0), lambda v: float(v > 0)),
        (
            Sigmoid(),
            lambda v: 1 / (1 + exp(-v)),
            lambda v: 1 / (1 + exp(-v)) * (1 - 1 / (1 + exp(-v))),
        ),
        (Tanh(), tanh, lambda v: 1 - tanh(v) ** 2),
    ]
    for layer, f, derivative in formulas:
        expected = [f(v) for v in values]
        np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-12, atol=0)
        expected = [slope * derivative(v) for v in values]
        np.testing.assert_allclose(layer.backward(dy), expected, rtol=1e-9, atol=1e-14)


def test_activations_of_extremes() -> None:
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(sigmoid([-1e5, 0, 1e5]), [0, 0.5, 1])
        assert sigmoid(np.array([-80, 80], np.float32)).dtype == np.float32
        np.testing.assert_array_equal(tanh_derivative([-1e5, 0, 1e5]), [0, 1, 0])
        # 1 - tanh(x)^2 would be 0 here; the true value is 4 exp(-2x) to 17 digits.
        assert tanh_derivative(50.0) == pytest.approx(4 * exp(-100), rel=1e-12)
    x = np.linspace(-3, 3, 31)
    np.testing.assert_allclose(tanh_derivative(x), 1 - np.tanh(x) ** 2, rtol=1e-12)


def test_relu_at_the_kink() -> None:
    layer = ReLU()
    np.testing.assert_array_equal(layer.forward([-1.0, 0.0, 2.0]), [0, 0, 2])
    np.testing.assert_array_equal(layer.backward([1.0, 1.0, 1.0]), [0, 0, 1])
