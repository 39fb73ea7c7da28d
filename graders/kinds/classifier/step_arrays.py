"""What the arrays of a watched layer are: its matrix, its upstream gradient, equal to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graders.binding.lexicon import lexicon
from graders.kinds.classifier.stepping import Call
from graders.rounding import relative_error
from reference import ReLU, Sigmoid, Tanh

NEAR = 1e-5  # relative to the largest element: right layers may go through float32
ACTIVATIONS = (ReLU, Tanh, Sigmoid)


def is_parameter(name: str) -> bool:
    """True for names of weights and biases: ``W1``, ``params.W``."""
    name = name.split(".")[-1]
    bare = name.rstrip("0123456789").rstrip("_")
    return any(lexicon().is_a(n, role) for n in (name, bare) for role in ("weight", "bias"))


def as_rows(array: np.ndarray) -> np.ndarray:
    """One row a sample: (N, ...) as (N, K)."""
    if not array.ndim:
        return array.reshape(1, 1)
    return array.reshape(len(array), -1 if array.size else 0)


def nearly(one: float, other: float) -> bool:
    """True for two numbers that differ by no more than a thousandth."""
    return abs(one - other) <= 1e-3 * max(abs(one), abs(other))


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """The same numbers in the same order, whatever the shape."""
    return relative_error(one.ravel(), other.ravel()) <= NEAR


def factor_of(one: np.ndarray, other: np.ndarray) -> float | None:
    """c such that one = c · other."""
    a, b = one.ravel().astype(np.float64), other.ravel().astype(np.float64)
    square = float(b @ b)
    if not square or not np.isfinite(square):
        return None
    c = float(a @ b) / square
    return c if c and same(a / c, b) else None


def are_probabilities(rows: np.ndarray) -> bool:
    """True if each row (N, K) is a distribution."""
    return bool(np.all(rows >= 0) and np.allclose(rows.sum(1), 1, atol=1e-5))


def of_size(arrays: Sequence[np.ndarray], size: int) -> np.ndarray | None:
    """The first array with so many elements."""
    return next((a for a in arrays if a.size == size), None)


def upstream_of(back: Call, call: Call) -> np.ndarray | None:
    """The argument of backward that is the gradient of the output; None if that can't be told."""
    y = call.back[0]
    fitting = [a for a in back.given if a.size == y.size]
    if len(fitting) > 1:
        fitting = [a for a in fitting if not same(a, y) and not same(a, call.given[0])]
    return fitting[0] if len(fitting) == 1 else None


def fits(call: Call, weight: np.ndarray) -> bool:
    """True for a matrix between the input and the output of a layer, or its transpose."""
    shape = as_rows(call.given[0]).shape[1], as_rows(call.back[0]).shape[1]
    return weight.shape in (shape, shape[::-1])


def is_dense(call: Call) -> bool:
    """True for a layer that keeps one matrix between its input and its output."""
    if len(call.given[0]) != len(call.back[0]) or call.back[0].ndim != 2:
        return False
    if any(w.ndim > 2 and is_parameter(n) for n, w in call.kept.items()):
        return False
    return sum(fits(call, w) for w in call.kept.values()) == 1


def matrix_of(call: Call, kept: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """W (inputs, outputs) among the arrays that a dense layer keeps."""
    weight = next((w for w in kept.values() if fits(call, w)), None)
    if weight is None:
        return None
    turned: np.ndarray = weight.T
    return weight if weight.shape[0] == as_rows(call.given[0]).shape[1] else turned


def linear_of(call: Call) -> np.ndarray | None:
    """X·W + b, if that is what the layer returns, a built-in activation aside."""
    weight, x, y = matrix_of(call, call.kept), as_rows(call.given[0]), as_rows(call.back[0])
    if weight is None:
        return None
    weights = [weight, weight.T] if weight.shape[0] == weight.shape[1] else [weight]
    biases = [b.reshape(1, -1) for b in call.kept.values() if b.size == y.shape[1] and b.ndim <= 2]
    for w in weights:
        for bias in [*biases, np.zeros((1, 1))]:
            z: np.ndarray = x @ w + bias
            if same(z, y) or any(same(kind().forward(z), y) for kind in ACTIVATIONS):
                return z
    return None


def is_plain(call: Call) -> bool:
    """True for a dense layer without an activation of its own."""
    z = linear_of(call)
    return z is not None and same(z, as_rows(call.back[0]))


def labels_in(p: np.ndarray, gradient: np.ndarray) -> tuple[float, np.ndarray] | None:
    """c and one-hot labels t (N, K) by which the gradient is (p − t) / c; None if there are none.

    Args:
        p: probabilities (N, K).
        gradient: (N, K), of the scores before them.
    """
    for sign in (1.0, -1.0):
        signed = sign * gradient.astype(np.float64)
        others = signed > 0  # in (p − t) every class but the true one
        if not others.any():
            continue
        c = float(np.sum((p * signed)[others]) / np.sum((signed * signed)[others]))
        t = p - c * signed
        one_hot = np.isclose(t, 0, atol=1e-4) | np.isclose(t, 1, atol=1e-4)
        if one_hot.all() and np.allclose(t.sum(1), 1, atol=1e-3):
            return sign * c, t
    return None
