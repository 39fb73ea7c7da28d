"""CuPy where there is no graphics card: NumPy, which has its functions, in its place; Numba where it
is absent: what it would compile runs as it is written.

Only what an import names is put there; every use is noted. Nothing here does any work of a sprint's:
what is taken from a file that was not handed in stays absent.
"""

import types

import numpy as np

from . import compat

WHOLE = frozenset(["cupy", "numba"])  # little of them is missed
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


def _as_written(*args, **kwargs):
    """``@njit``, ``@jit(nopython=True)``, ``@jit("f8(f8)")``: the function itself."""
    if len(args) == 1 and not kwargs and isinstance(args[0], _FUNCTIONS):
        return args[0]
    return _itself


def _itself(function):
    return function


def _element_wise(*args, **kwargs):
    """``@vectorize``: NumPy's, which takes a function of numbers, too."""
    if len(args) == 1 and isinstance(args[0], types.FunctionType):
        return np.vectorize(args[0])
    return np.vectorize


class _Signature:
    """``float64[:, :](int64)``: a type that nobody asks for anything."""

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and isinstance(args[0], (int, float, np.generic)) else self

    def __getitem__(self, index):
        return self


_FUNCTIONS = (types.FunctionType, type)
_OF_NUMBA = {"prange": range, "vectorize": _element_wise, "set_num_threads": _as_written}
_OF_NUMBA.update(dict.fromkeys(["jit", "njit", "jitclass"], _as_written))
_OF_NUMBA.update(
    dict.fromkeys(
        "boolean int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 "
        "complex128 intp void b1 i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16 types".split(),
        _Signature(),
    )
)

_OWN = {"asnumpy": _as_numpy, "get_array_module": _module_of, "ndarray": CardArray}
UNKNOWN = object()


def find(module, name):
    """What a name of an absent module stands for; UNKNOWN if nothing of ours is like it."""
    value = UNKNOWN
    if module in ("numba", "numba.experimental", "numba.types") and name in _OF_NUMBA:
        compat.note("numba: functions as they are written")
        return _OF_NUMBA[name]
    if module == "cupy" or module in PARTS:
        full = "%s.%s" % (module, name)
        if module == "cupy" and name in _OWN:
            value = _OWN[name]
        elif full not in PARTS and full not in OF_CARDS:
            value = getattr(PARTS.get(module, np), name, UNKNOWN)
        if value is not UNKNOWN:
            compat.note("cupy: NumPy in its place")
    return value
