"""The layer contract and the few conversions that every layer shares."""

from abc import ABC, abstractmethod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]


class Layer(ABC):
    """A differentiable function of one array, with parameters.

    ``params`` maps a name to a parameter (``{"W": ..., "b": ...}``, or ``{}``); ``grads`` has the
    same keys once ``backward`` has run, and holds the gradient of ``sum(y * dy)``, that is the
    SUM over the batch. Layers know nothing of optimisers. ``backward`` belongs to the latest
    ``forward`` and may be called more than once; it never accumulates.
    """

    params: dict[str, Array]
    grads: dict[str, Array]

    def __init__(self) -> None:
        self.params = {}
        self.grads = {}

    @abstractmethod
    def forward(self, x: ArrayLike) -> Array:
        """The layer's output for a batch ``x``; ``x`` is never modified."""

    @abstractmethod
    def backward(self, dy: ArrayLike) -> Array:
        """The gradient in ``x``, of ``x``'s shape, for ``dy`` of the output's shape.

        Sets ``grads``. Raises ValueError when ``dy`` has another shape than the output, and
        RuntimeError when there was no ``forward`` before.
        """

    def backward_params(self, dy: ArrayLike) -> None:
        """Set ``grads`` as ``backward`` does; layers override it where dx can be left out.

        It is what the first layer of a network needs: nobody asks for the gradient in the data.
        """
        self.backward(dy)


def as_float(x: ArrayLike) -> Array:
    """``x`` as an array of float32 or float64, without a copy if it is one already.

    Integers, booleans and other real dtypes become float64. Raises ValueError for anything that
    is not real numbers.
    """
    array = np.asarray(x)
    if array.dtype == np.float32 or array.dtype == np.float64:
        return array
    if array.dtype.kind not in "biuf":
        raise ValueError(f"expected real numbers, got dtype {array.dtype}")
    return array.astype(np.float64)


def own(x: ArrayLike) -> Array:
    """A C-contiguous copy of ``as_float(x)``: parameters change in place, the caller's must not."""
    return np.array(as_float(x), order="C")


def upstream(dy: ArrayLike, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """``dy`` in the output's dtype; ValueError unless it has exactly the output's shape."""
    array = as_float(dy).astype(dtype, copy=False)
    if array.shape != shape:
        raise ValueError(f"dy has shape {array.shape}, the output of forward has {shape}")
    return array


def bias_for(b: ArrayLike | None, n_out: int) -> Array | None:
    """A layer's own copy of its bias ``b`` (n_out,), or None; ValueError for another shape."""
    if b is None:
        return None
    bias = own(b)
    if bias.shape != (n_out,):
        raise ValueError(f"b must have shape ({n_out},), got {bias.shape}")
    return bias


def no_forward(layer: Layer) -> RuntimeError:
    """The error of a ``backward`` that has no ``forward`` to belong to."""
    return RuntimeError(f"{type(layer).__name__}.backward called before forward")
