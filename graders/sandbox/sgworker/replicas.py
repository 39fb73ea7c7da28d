"""CuPy where there is no graphics card: NumPy, which has its functions, in its place.

Only what an import names is put there; every use is noted. Nothing here does any work of a sprint's:
what is taken from a file that was not handed in stays absent.
"""

import numpy as np

from . import compat

WHOLE = frozenset(["cupy"])  # little of it is missed
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
    return value
