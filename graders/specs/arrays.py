"""The arrays of documented pairs: written out, counted, or told in part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from graders.specs.document import Document

Place = tuple[str | int, ...]
MAX_ELEMENTS = 1_000_000


def read_array(document: Document, path: Place, value: object) -> np.ndarray:
    """The array, read-only; NaN where its source says nothing.

    ``[[1, 2], [3, 4]]`` is written out; ``{count: [2, 2]}`` has 0, 1, 2, 3 in that shape;
    ``{shape: [9, 676], columns: {0: [...], 27: [...]}}`` tells some columns of a matrix.

    Raises:
        SpecError: it is none; with the line.
    """
    if not isinstance(value, Mapping):
        array = _written_out(document, path, value)
    elif "count" in value:
        size = _size(document, (*path, "count"), value["count"])
        array = np.arange(size).reshape(value["count"])
    else:
        array = _in_part(document, path, value)
    array.setflags(write=False)
    return array


def _written_out(document: Document, path: Place, value: object) -> np.ndarray:
    try:
        array = np.array(value)
    except ValueError as error:
        raise document.error(path, "rows of different lengths") from error
    if array.dtype.kind not in "if":
        raise document.error(path, "expected numbers")
    if not np.isfinite(array).all():
        raise document.error(path, "expected finite numbers")
    return array


def _in_part(document: Document, path: Place, value: Mapping[str, object]) -> np.ndarray:
    shape, columns = value["shape"], value["columns"]
    assert isinstance(shape, Sequence) and isinstance(columns, Mapping)  # by the schema
    _size(document, (*path, "shape"), shape)
    array = np.full(shape, np.nan)
    for number, written in columns.items():
        where = (*path, "columns", number)
        column = _written_out(document, where, written)
        if int(number) >= shape[1]:
            raise document.error(where, f"there are only {shape[1]} columns")
        if column.shape != (shape[0],):
            raise document.error(where, f"has shape {column.shape}; expected ({shape[0]},)")
        array[:, int(number)] = column
    return array


def _size(document: Document, path: Place, shape: Sequence[int]) -> int:
    size = math.prod(shape)
    if size > MAX_ELEMENTS:
        raise document.error(path, f"{size} numbers; at most {MAX_ELEMENTS} can be checked")
    return size
