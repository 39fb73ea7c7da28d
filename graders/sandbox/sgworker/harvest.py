"""Collects the arrays and numbers that can be reached from an object, with their paths."""

import os
import sys

import numpy as np

from .wire import DTYPES

MAX_FOUND = 160
MAX_ELEMENTS = 200_000
MAX_DEPTH = 4


class Harvest:
    """Walks objects; `entries` are (path, array, kind) with kind array, list or scalar."""

    def __init__(self):
        self.entries = []
        self._seen = set()

    def add(self, value, path):
        """Walk `value`; `path` is a list of attribute names, keys and indexes."""
        self._walk(value, list(path), 0)

    def _walk(self, value, path, depth):
        if len(self.entries) >= MAX_FOUND or depth > MAX_DEPTH:
            return
        if isinstance(value, np.ndarray):
            self._array(value, path, depth)
        elif isinstance(value, (bool, int, float, np.generic)):
            self._scalar(value, path)
        elif isinstance(value, (list, tuple)):
            self._sequence(value, path, depth)
        elif id(value) in self._seen:
            return
        elif isinstance(value, dict):
            self._seen.add(id(value))
            for key in list(value)[:64]:
                if isinstance(key, (str, int)):
                    self._walk(value[key], [*path, key], depth + 1)
        else:
            self._object(value, path, depth)

    def _object(self, value, path, depth):
        attributes = getattr(value, "__dict__", None)
        if not isinstance(attributes, dict) or isinstance(value, type):
            return
        if depth > 0 and not is_students(type(value)):
            return
        self._seen.add(id(value))
        for name in list(attributes)[:128]:
            if isinstance(name, str) and (not name.startswith("_sg_") or name == "_sg_calls"):
                self._walk(attributes[name], [*path, name], depth + 1)

    def _array(self, value, path, depth):
        # A subclass can say anything of itself: only what its memory holds counts.
        value = np.ndarray.view(value, np.ndarray)
        if value.dtype == object:
            if value.size <= 64:
                self._sequence(list(value.ravel()), path, depth)
            return
        if value.dtype == np.longdouble:  # more digits than are sent, or as many
            value = value.astype(np.float64)
        if value.dtype.name not in DTYPES or value.size > MAX_ELEMENTS:
            return
        self.entries.append((path, np.array(value), "array"))

    def _scalar(self, value, path):
        array = np.asarray(value)
        if array.dtype == np.longdouble:
            array = array.astype(np.float64)
        if array.ndim == 0 and array.dtype.name in DTYPES:
            self.entries.append((path, np.array(array, subok=False), "scalar"))

    def _sequence(self, value, path, depth):
        if value and all(
            isinstance(v, (int, float, np.generic, list, tuple, np.ndarray)) for v in value
        ):
            try:
                array = np.array(value)
            except (ValueError, TypeError):
                array = None
            if array is not None and array.dtype.name in DTYPES and array.size <= MAX_ELEMENTS:
                self.entries.append((path, array, "list"))
                if not _holds_arrays(value):
                    return
        for i, item in enumerate(value[:32]):
            self._walk(item, [*path, i], depth + 1)


def _holds_arrays(value):
    """True for a list with an array in it, in whatever depth."""
    if isinstance(value, (list, tuple)):
        return any(_holds_arrays(v) for v in value[:64])
    return isinstance(value, np.ndarray)


def is_students(kind):
    """True for classes of the notebook, of a file beside it, and for the stubs."""
    module = getattr(kind, "__module__", None)
    if module == "__main__" or hasattr(kind, "_sg_take"):
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return bool(file) and os.path.abspath(file).startswith(os.getcwd() + os.sep)
