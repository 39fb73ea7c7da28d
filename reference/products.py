"""Matrix products with a thin batch, in the pieces that BLAS is fastest at.

OpenBLAS, which NumPy's wheels bring, multiplies small matrices from where they lie. Larger ones it
first packs into another order, which does not pay where a matrix of weights serves a few samples
only. Such a product is done in pieces that count as small, if they aren't too thin themselves.
"""

from typing import Any

import numpy as np

from .layer import Array

# As many multiplications OpenBLAS takes for small; the least size of a piece that pays.
SMALL = 1_000_000
LEAST = 50


def product(a: Array, b: Array, dtype: np.dtype[Any]) -> Array:
    """``a`` (M, K) @ ``b`` (K, N) -> (M, N)."""
    # float64 gains nothing here: adding the pieces costs what the packing did.
    step = _step(len(a) * b.shape[1], len(b)) if dtype == np.float32 else len(b)
    y: Array = np.matmul(a[:, :step], b[:step], dtype=dtype)
    for start in range(step, len(b), step):
        y += np.matmul(a[:, start : start + step], b[start : start + step], dtype=dtype)
    return y


def transposed_product(a: Array, b: Array, dtype: np.dtype[Any]) -> Array:
    """``a`` (K, M) transposed @ ``b`` (K, N) -> (M, N)."""
    y = np.empty((a.shape[1], b.shape[1]), dtype)
    # Two times smaller than need be, since the result wants room in the cache, too.
    step = _step(2 * b.size, len(y))
    for start in range(0, len(y), step):
        np.matmul(a[:, start : start + step].T, b, out=y[start : start + step], dtype=dtype)
    return y


def _step(others: int, size: int) -> int:
    """How much of an axis of ``size`` is a piece, with ``others`` multiplications for each."""
    step = SMALL // max(others, 1)
    return step if LEAST <= step < size else size
