"""Which functions an answer calls: their public names, and what a course asks for or forbids."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterable, Sequence

_HOMES = ("numpy.linalg", "numpy.fft", "numpy.random", "numpy.lib.stride_tricks", "numpy")
_ROOM = {"linalg": "numpy.linalg", "fft": "numpy.fft", "random": "numpy.random"}
_INNER = re.compile(
    r"\.(?:_[a-z]\w*|core|fromnumeric|multiarray|numeric|shape_base|function_base)\b"
)


@functools.lru_cache(4096)
def public_name(name: str) -> str:
    """The name by which a function of NumPy is called: numpy.convolve, wherever its code stands."""
    module, _, last = name.rpartition(".")
    if "<" in name or not module.startswith("numpy"):
        return name.replace(".__call__", "")
    owner = module.rpartition(".")[2]
    if owner == "ndarray":
        return f"numpy.ndarray.{last}"
    if last in ("__init__", "__call__"):  # of a class: numpy.vectorize
        last, module = owner, module.rpartition(".")[0]
    if _INNER.search(module) and module.endswith("_methods"):
        return f"numpy.ndarray.{last.lstrip('_')}"
    parts = set(re.split(r"[._]", module))
    homes = [_ROOM[p] for p in sorted(parts & _ROOM.keys())]
    for home in (*homes, "numpy", *_HOMES):
        if hasattr(importlib.import_module(home), last):
            return f"{home}.{last}"
    return f"{module}.{last}"


def written_out(name: str) -> str:
    """A name as a policy may have it, np for numpy."""
    return re.sub(r"^np\b", "numpy", name)


def is_of(called: str, wanted: str) -> bool:
    """True if it is that function, or of that module or class; of NumPy under any of its names."""
    wanted = written_out(wanted)
    if (called + ".").startswith(wanted + "."):
        return True
    return called.startswith("numpy") and public_name(wanted) == called


def first_of(called: Iterable[str], names: Sequence[str]) -> str | None:
    """The first of the names that is called; None if none is."""
    seen = sorted(called)
    return next((name for name in names if any(is_of(c, name) for c in seen)), None)


def lacking(called: Iterable[str], names: Sequence[str]) -> str | None:
    """The first of the names that is not called; None if all are."""
    seen = sorted(called)
    return next((name for name in names if not any(is_of(c, name) for c in seen)), None)
