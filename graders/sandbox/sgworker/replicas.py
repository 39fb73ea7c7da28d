"""Stands in for absent modules whose interface is known well enough to be answered: CuPy, which is
NumPy on a graphics card, and the helpers of a well-known textbook that notebooks import from a file
beside them.

Only what an import names is put in the place of the absent module; every use is noted.
"""

import numpy as np

from . import compat

WHOLE = frozenset(["cupy"])  # little of it is missed
HELPERS = frozenset(["util", "utils", "common.util", "common.utils"])
PARTS = {"cupy.random": np.random, "cupy.linalg": np.linalg}
OF_CARDS = frozenset(  # devices and their memory: nothing to do
    ["cupy.cuda", "cupy.get_default_memory_pool", "cupy.get_default_pinned_memory_pool"]
)


class CardArray(np.ndarray):
    """``cupy.ndarray``: no array is one, so that no library takes NumPy's for a card's."""


def _as_numpy(array, *args, **kwargs):
    """``cupy.asnumpy(a)``."""
    return np.asarray(array)


def _module_of(*args):
    """``cupy.get_array_module(a)``."""
    return np


_OWN = {"asnumpy": _as_numpy, "get_array_module": _module_of, "ndarray": CardArray}


UNKNOWN = object()


def find(module, name):
    """What a name of an absent module stands for; UNKNOWN if nothing of ours is like it."""
    value = UNKNOWN
    if module == "cupy" or module in PARTS:
        full = "%s.%s" % (module, name)
        if module == "cupy" and name in _OWN:
            value = _OWN[name]
        elif full not in PARTS and full not in OF_CARDS:
            value = getattr(PARTS.get(module, np), name, UNKNOWN)
        if value is not UNKNOWN:
            compat.note("cupy: NumPy in its place")
    elif module in HELPERS:
        value = {"im2col": im2col, "col2im": col2im}.get(name, UNKNOWN)
        if value is not UNKNOWN:
            compat.note("%s.%s: a replica in its place" % (module, name))
    return value


def _sizes(shape, filter_h, filter_w, stride, pad):
    n, c, h, w = shape
    return (
        n,
        c,
        (h + 2 * pad - filter_h) // stride + 1,
        (w + 2 * pad - filter_w) // stride + 1,
    )


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    """Every window of an image array (N, C, H, W) as a row: (N * OH * OW, C * FH * FW)."""
    n, c, out_h, out_w = _sizes(input_data.shape, filter_h, filter_w, stride, pad)
    sides = [(0, 0), (0, 0), (pad, pad), (pad, pad)]
    padded = np.pad(input_data, sides, "constant")
    windows = np.zeros((n, out_h, out_w, c, filter_h, filter_w))
    for i in range(out_h):
        for j in range(out_w):
            top, left = i * stride, j * stride
            windows[:, i, j] = padded[:, :, top : top + filter_h, left : left + filter_w]
    return windows.reshape(n * out_h * out_w, -1)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    """The rows (N * OH * OW, C * FH * FW) added up where they come from: (N, C, H, W)."""
    n, c, out_h, out_w = _sizes(input_shape, filter_h, filter_w, stride, pad)
    h, w = input_shape[2:]
    windows = col.reshape(n, out_h, out_w, c, filter_h, filter_w)
    padded = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for i in range(out_h):
        for j in range(out_w):
            top, left = i * stride, j * stride
            padded[:, :, top : top + filter_h, left : left + filter_w] += windows[:, i, j]
    return padded[:, :, pad : pad + h, pad : pad + w]
