"""The fully connected layer, and the flattening that comes before it."""

from math import prod
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from .initializers import Initializer
from .layer import Array, Layer, as_float, bias_for, no_forward, own, upstream
from .products import product, transposed_product


class FC(Layer):
    """y = x @ W + b, with ``W`` (n_in, n_out) and ``b`` (n_out,) or None, both copied.

    float32 throughout gives float32, anything else float64. Raises ValueError for shapes that do
    not fit.
    """

    def __init__(self, W: ArrayLike, b: ArrayLike | None = None) -> None:
        super().__init__()
        weight = own(W)
        if weight.ndim != 2 or not weight.size:
            raise ValueError(f"W must have shape (n_in, n_out), got {weight.shape}")
        self.params["W"] = weight
        bias = bias_for(b, weight.shape[1])
        if bias is not None:
            self.params["b"] = bias
        self._x: Array | None = None

    @classmethod
    def initialised(
        cls,
        n_in: int,
        n_out: int,
        initializer: Initializer,
        rng: np.random.Generator,
        *,
        bias: bool = True,
    ) -> Self:
        """A layer with W of ``initializer`` (fan-in n_in) and, unless left out, b of zeros."""
        W = initializer((n_in, n_out), n_in, rng)
        return cls(W, np.zeros(n_out, W.dtype) if bias else None)

    def forward(self, x: ArrayLike) -> Array:
        """(N, n_in) -> (N, n_out); ValueError for another shape."""
        data = as_float(x)
        W, b = self.params["W"], self.params.get("b")
        if data.ndim != 2 or data.shape[1] != len(W):
            raise ValueError(f"x must have shape (N, {len(W)}), got {data.shape}")
        self._x = data
        self._dtype = np.result_type(data, *self.params.values())
        y = product(data, W, self._dtype)
        if b is not None:
            y += b
        return y

    def backward(self, dy: ArrayLike) -> Array:
        """(N, n_out) -> (N, n_in); sets grads W and b, sums over the batch."""
        g = self._gradients(dy)
        dx: Array = np.matmul(g, self.params["W"].T, dtype=self._dtype)
        return dx

    def backward_params(self, dy: ArrayLike) -> None:
        """Set grads W and b without the gradient in x."""
        self._gradients(dy)

    def _gradients(self, dy: ArrayLike) -> Array:
        if self._x is None:
            raise no_forward(self)
        g = upstream(dy, (len(self._x), self.params["W"].shape[1]), self._dtype)
        # The old gradients go first, so that the new ones take their memory, still in the cache.
        self.grads = {}
        self.grads = {"W": transposed_product(self._x, g, self._dtype)}
        if "b" in self.params:
            self.grads["b"] = g.sum(0)
        return g


class Flatten(Layer):
    """(N, ...) -> (N, product of the rest), a view wherever that is possible; dtype as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._shape: tuple[int, ...] | None = None

    def forward(self, x: ArrayLike) -> Array:
        """(N, ...) -> (N, product of the rest); ValueError without a batch axis."""
        data = as_float(x)
        if not data.ndim:
            raise ValueError("x must have a batch axis, got a single number")
        self._shape, self._dtype = data.shape, data.dtype
        return data.reshape(len(data), prod(data.shape[1:]))

    def backward(self, dy: ArrayLike) -> Array:
        """(N, product) -> the shape that came in."""
        if self._shape is None:
            raise no_forward(self)
        flat = (self._shape[0], prod(self._shape[1:]))
        return upstream(dy, flat, self._dtype).reshape(self._shape)
