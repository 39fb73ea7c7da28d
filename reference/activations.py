"""Element-wise layers. They take any shape; float32 gives float32, anything else float64."""

from abc import abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, upstream

BLOCK = 1 << 16


class Activation(Layer):
    """An element-wise function whose derivative follows from its output y alone."""

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """f(x), of x's shape."""
        self._y = self.function(as_float(x))
        return self._y

    def backward(self, dy: ArrayLike) -> Array:
        """dy * f'(x), of x's shape."""
        if self._y is None:
            raise no_forward(self)
        return self.chain(self._y, upstream(dy, self._y.shape, self._y.dtype))

    @staticmethod
    @abstractmethod
    def function(x: Array) -> Array:
        """f(x) as a new array."""

    @staticmethod
    @abstractmethod
    def chain(y: Array, dy: Array) -> Array:
        """dy * f'(x), given y = f(x), as a new array."""


class ReLU(Activation):
    """max(x, 0); the derivative at 0 is 0."""

    @staticmethod
    def function(x: Array) -> Array:
        """max(x, 0)."""
        return np.maximum(x, 0)

    @staticmethod
    def chain(y: Array, dy: Array) -> Array:
        """Dy where x > 0, otherwise 0."""
        dx = np.empty(y.shape, dy.dtype)
        flat_y, flat_dy, flat = y.reshape(-1), dy.reshape(-1), dx.reshape(-1)
        # In blocks, so that the second step finds in the cache what the first one wrote.
        for start in range(0, y.size, BLOCK):
            block = slice(start, start + BLOCK)
            # Converted first: NumPy is slow at products of floats with booleans.
            flat[block] = flat_y[block] > 0
            flat[block] *= flat_dy[block]
        return dx


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), accurate and without overflow for every x."""

    @staticmethod
    def function(x: Array) -> Array:
        """1 / (1 + exp(-x))."""
        return sigmoid(x)

    @staticmethod
    def chain(y: Array, dy: Array) -> Array:
        """Dy * y * (1 - y)."""
        dx = 1 - y
        dx *= y
        dx *= dy
        return dx


class Tanh(Activation):
    """The hyperbolic tangent."""

    @staticmethod
    def function(x: Array) -> Array:
        """tanh(x)."""
        return np.tanh(x)

    @staticmethod
    def chain(y: Array, dy: Array) -> Array:
        """Dy * (1 - y^2)."""
        dx = y * y
        np.subtract(1, dx, out=dx)
        dx *= dy
        return dx


def sigmoid(x: ArrayLike) -> Array:
    """1 / (1 + exp(-x)), of x's shape."""
    data = as_float(x)
    # exp of a negative number can't overflow; for x < 0, 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)).
    e = np.exp(-np.abs(data))
    y: Array = np.where(data < 0, e, 1) / (1 + e)
    return y


def tanh_derivative(x: ArrayLike) -> Array:
    """The derivative 1 - tanh(x)^2 at the input x, of x's shape.

    Written as 4e / (1 + e)^2 with e = exp(-2|x|), which keeps its relative accuracy where tanh(x)
    rounds to 1.
    """
    e = np.exp(-2 * np.abs(as_float(x)))
    return np.asarray(4 * e / (1 + e) ** 2)
