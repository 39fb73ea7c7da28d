"""Layers of the reference in a student's own layout: what a network of a student's is made again of.

A node takes and gives arrays of the shapes that the student's layer takes and gives, and keeps its
weights in the student's shapes, so that weights and gradients can be laid beside the student's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference import FC, AveragePool2D, Conv2d, Layer, MaxPool2D

Array = np.ndarray[Any, np.dtype[Any]]
Order = tuple[int, ...]


class Node(ABC):
    """One layer. ``weights`` and, after ``backward``, ``grads`` have the student's own names."""

    def __init__(self) -> None:
        self.weights: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """The output (N, ...) for a batch."""

    @abstractmethod
    def backward(self, dy: Array) -> Array:
        """The gradient in the latest input; sets ``grads``, sums over the batch."""


class Elementwise(Node):
    """An activation. `at_zero`: a ReLU whose derivative at 0 is 1."""

    def __init__(self, kind: type[Layer], at_zero: bool = False) -> None:
        super().__init__()
        self._layer, self._at_zero = kind(), at_zero
        self._x: Array | None = None

    def forward(self, x: Array) -> Array:
        """f(x)."""
        self._x = x
        return self._layer.forward(x)

    def backward(self, dy: Array) -> Array:
        """dy · f'(x)."""
        assert self._x is not None
        if self._at_zero:
            return np.where(self._x >= 0, dy, 0.0)
        return self._layer.backward(dy)


class Reshaped(Node):
    """The same numbers in another shape; `order`: the axes (the first stays) turned before that."""

    def __init__(self, shape: Sequence[int], order: Order | None = None) -> None:
        super().__init__()
        self._target, self._order = tuple(shape), order
        self._shape: tuple[int, ...] = ()

    def forward(self, x: Array) -> Array:
        """(N, ...) -> (N, *shape)."""
        turned = x if self._order is None else x.transpose(self._order)
        self._shape = turned.shape
        return turned.reshape(len(x), *self._target)

    def backward(self, dy: Array) -> Array:
        """(N, *shape) -> (N, ...)."""
        turned = dy.reshape(self._shape)
        return turned if self._order is None else turned.transpose(np.argsort(self._order))


class Weighted(Node):
    """A layer of the reference with a weight of the student's shape."""

    def __init__(self, weight: str, bias: str | None) -> None:
        super().__init__()
        self._weight, self._bias = weight, bias
        self._layer: Layer | None = None

    @property
    def weight(self) -> str:
        """The name of its weight, which is no bias."""
        return self._weight

    @abstractmethod
    def _canonical(self) -> Array:
        """The weight with the reference's axes."""

    @property
    @abstractmethod
    def fan_in(self) -> int:
        """How many numbers each of its outputs is a sum of."""

    def renew(self) -> None:
        """Go back through the weight that it has now, whatever that of the latest forward was."""
        assert self._layer is not None
        self._layer.params["W"] = np.array(self._canonical())

    def _offsets(self) -> Array | None:
        """The bias as the reference has it."""
        return None if self._bias is None else self.weights[self._bias].ravel()

    def _keep(self, dW: Array) -> None:
        assert self._layer is not None
        self.grads = {self._weight: dW}
        if self._bias is not None:
            self.grads[self._bias] = self._layer.grads["b"].reshape(self.weights[self._bias].shape)


class Dense(Weighted):
    """X·W + b over the flattened sample; `turned`: W is (outputs, inputs)."""

    def __init__(self, weight: str, turned: bool, bias: str | None) -> None:
        super().__init__(weight, bias)
        self._turned = turned
        self._shape: tuple[int, ...] = ()

    def _canonical(self) -> Array:
        W = self.weights[self._weight]
        return W.T if self._turned else W

    @property
    def fan_in(self) -> int:
        """The inputs."""
        return len(self._canonical())

    def forward(self, x: Array) -> Array:
        """(N, ...) -> (N, outputs)."""
        self._shape = x.shape
        self._layer = FC(self._canonical(), self._offsets())
        return self._layer.forward(x.reshape(len(x), -1))

    def backward(self, dy: Array) -> Array:
        """(N, outputs) -> (N, ...)."""
        assert self._layer is not None
        dx = self._layer.backward(dy)
        dW = self._layer.grads["W"]
        self._keep(dW.T if self._turned else dW)
        return dx.reshape(self._shape)


@dataclass(frozen=True)
class Layout:
    """Where the axes of a student's array lie: `order` turns them into the reference's order.

    `units` are places, after turning, where an axis of length 1 is put in.
    """

    order: Order
    units: tuple[int, ...] = ()

    def canonical(self, array: Array) -> Array:
        """The student's array with the reference's axes."""
        turned = array.transpose(self.order)
        return np.expand_dims(turned, self.units) if self.units else turned

    def own(self, array: Array) -> Array:
        """An array with the reference's axes as the student has it."""
        plain = array.squeeze(self.units) if self.units else array
        return plain.transpose(np.argsort(self.order))


@dataclass(frozen=True)
class Sliding:
    """How windows go over an image (height, width): both numbers of each."""

    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)


class Convolved(Weighted):
    """A convolution (1-D: over images of height 1); `flipped`: the filter is turned round."""

    def __init__(
        self,
        weight: str,
        bias: str | None,
        layouts: tuple[Layout, Layout, Layout],
        sliding: Sliding,
        flipped: bool = False,
    ) -> None:
        super().__init__(weight, bias)
        self._given, self._kept, self._back = layouts
        self._sliding, self._flipped = sliding, flipped
        self.axes = 0  # along how many axes it goes, known once it was called

    def _turned(self, W: Array) -> Array:
        return W[:, :, ::-1, ::-1] if self._flipped else W

    def _canonical(self) -> Array:
        return self._turned(self._kept.canonical(self.weights[self._weight]))

    @property
    def fan_in(self) -> int:
        """Channels times the size of the filter."""
        return int(self._canonical()[0].size)

    def forward(self, x: Array) -> Array:
        """The sum over each window, in the student's layout."""
        sliding = self._sliding
        self._layer = Conv2d(self._canonical(), self._offsets(), sliding.stride, sliding.padding)
        image = self._given.canonical(x)
        self.axes = sum(n > 1 for n in image.shape[2:])
        return self._back.own(self._layer.forward(image))

    def backward(self, dy: Array) -> Array:
        """The gradient in the input, in the student's layout."""
        assert self._layer is not None
        dx = self._layer.backward(self._back.canonical(dy))
        self._keep(self._kept.own(self._turned(self._layer.grads["W"])))
        return self._given.own(dx)


class Pooled(Node):
    """Maximum or mean of each window; `every`: each of equal maxima gets the whole gradient."""

    def __init__(
        self,
        kind: type[MaxPool2D] | type[AveragePool2D],
        layouts: tuple[Layout, Layout],
        sliding: Sliding,
        every: bool = False,
    ) -> None:
        super().__init__()
        self._layer = kind(sliding.window, sliding.stride)
        self._given, self._back = layouts
        self._sliding, self._every = sliding, every
        self._x: Array | None = None
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """One number a window, in the student's layout."""
        self._x = self._given.canonical(x)
        self._y = self._layer.forward(self._x)
        return self._back.own(self._y)

    def backward(self, dy: Array) -> Array:
        """The gradient in the input, in the student's layout."""
        g = self._back.canonical(dy)
        return self._given.own(self._to_every(g) if self._every else self._layer.backward(g))

    def _to_every(self, g: Array) -> Array:
        assert self._x is not None and self._y is not None
        dx = np.zeros_like(self._x)
        (kh, kw), (sh, sw), (oh, ow) = self._sliding.window, self._sliding.stride, g.shape[2:]
        for i in range(kh):
            for j in range(kw):
                at = np.s_[:, :, i : i + sh * (oh - 1) + 1 : sh, j : j + sw * (ow - 1) + 1 : sw]
                dx[at] += g * (self._x[at] == self._y)
        return dx
