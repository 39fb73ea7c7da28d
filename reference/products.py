"""Matrix products in the pieces, and from the places in memory, that BLAS is fastest at.

OpenBLAS, which NumPy's wheels bring, multiplies small matrices from where they lie. Larger ones it
first packs into another order, which does not pay where one side is thin: a batch of few samples,
or a few dozen filters. Such a product is done in pieces that count as small, if they aren't too
thin themselves.
"""

from math import prod
from typing import Any

import numpy as np

from .layer import Array

# As many multiplications OpenBLAS takes for small; the least size of a piece that pays.
SMALL = 1_000_000
LEAST = 50
# A line of the cache, and a vector of the processor, in bytes.
LINE = 64


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


def column_blocks(m: int, k: int, n: int, dtype: np.dtype[Any]) -> tuple[int, int]:
    """How many blocks of columns, and how wide, for a product (m, k) @ (k, n) in small pieces.

    Blocks consist of whole vectors, so together they are as wide as n or a little wider. There is
    one block if small ones would be too thin.
    """
    vector = LINE // dtype.itemsize
    most = SMALL // (m * k)
    least = -(-n // most) if most >= LEAST else 1

    def vectors(blocks: int) -> int:
        return -(-n // (blocks * vector))

    blocks = min(range(least, 2 * least), key=lambda count: count * vectors(count))
    return blocks, vectors(blocks) * vector


def pitch(n: int, dtype: np.dtype[Any]) -> int:
    """The least odd number of lines that holds n values, in values.

    Rows that lie a power of two apart compete for the same few places in the cache.
    """
    line = LINE // dtype.itemsize
    return (-(-n // line) | 1) * line


def aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Zeros that start at a line; NumPy's own needn't, which costs small products a sixth."""
    line = LINE // dtype.itemsize
    memory = np.zeros(prod(shape) + line, dtype)
    start = -memory.ctypes.data % LINE // dtype.itemsize
    return memory[start : start + prod(shape)].reshape(shape)
