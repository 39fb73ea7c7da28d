"""What old notebooks use and current libraries no longer have, every use noted; and what is newer."""

import builtins
import collections.abc
import importlib.abc
import sys
import typing

import numpy as np

_ALIASES = {
    "int": int, "float": float, "bool": bool, "object": object, "str": str, "complex": complex,
    "long": int, "unicode": str, "float_": np.float64, "complex_": np.complex128,
    "Inf": np.inf, "Infinity": np.inf, "infty": np.inf, "PINF": np.inf, "NINF": -np.inf,
    "NaN": np.nan, "NAN": np.nan, "unicode_": np.str_, "string_": np.bytes_,
}  # fmt: skip
_RENAMED = {
    "product": "prod", "cumproduct": "cumprod", "sometrue": "any", "alltrue": "all",
    "in1d": "isin", "row_stack": "vstack", "trapz": "trapezoid", "round_": "round",
    "msort": "sort", "asfarray": "asarray",
}  # fmt: skip

used = []  # type: list[str]
_installed = False


def note(text):
    """Remember that something was mended or replaced; told with the load of the notebook."""
    if text not in used and len(used) < 50:
        used.append(text)


def _old_numpy_names():
    # Present but deprecated aliases of old NumPy stay as they are; only what is gone is added.
    inner = getattr(np, "__getattr__", None)

    def __getattr__(name):
        if name in _ALIASES:
            note("np." + name)
            return _ALIASES[name]
        if name in _RENAMED:
            note("np." + name)
            return getattr(np, _RENAMED[name])
        if inner is not None:
            return inner(name)
        raise AttributeError("module 'numpy' has no attribute %r" % name)

    np.__getattr__ = __getattr__


def _visible_empty():
    """np.empty holds NaN, so that left-over memory can't look right by chance."""

    def filled(original):
        def wrapper(*args, **kwargs):
            array = original(*args, **kwargs)
            if isinstance(array, np.ndarray) and array.dtype.kind in "fc":
                array.fill(np.nan)
            return array

        wrapper.__name__ = original.__name__
        wrapper.__doc__ = original.__doc__
        return wrapper

    np.empty = filled(np.empty)  # type: ignore[misc]
    np.empty_like = filled(np.empty_like)


def _old_encoder(module):
    """OneHotEncoder(sparse=...) became sparse_output in scikit-learn 1.2."""
    original = module.OneHotEncoder
    if "sparse" in original.__init__.__code__.co_varnames:
        return

    class OneHotEncoder(original):
        def __init__(self, *, categories="auto", drop=None, sparse_output=True, dtype=np.float64,
                     handle_unknown="error", min_frequency=None, max_categories=None,
                     feature_name_combiner="concat", **old):  # fmt: skip
            if "sparse" in old:
                note("OneHotEncoder(sparse=...)")
                sparse_output = old.pop("sparse")
            if old:
                raise TypeError(
                    "OneHotEncoder() got an unexpected keyword argument %r" % next(iter(old))
                )
            super().__init__(
                categories=categories, drop=drop, sparse_output=sparse_output, dtype=dtype,
                handle_unknown=handle_unknown, min_frequency=min_frequency,
                max_categories=max_categories, feature_name_combiner=feature_name_combiner,
            )  # fmt: skip

    module.OneHotEncoder = OneHotEncoder


class _AfterImport(importlib.abc.MetaPathFinder):
    """Mends a module right after its import, so that nothing is imported before it is wanted."""

    def __init__(self, name, mend):
        self._name, self._mend, self._busy = name, mend, False

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self._name or self._busy:
            return None
        self._busy = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy = False
        if spec is None or spec.loader is None:
            return None
        inner = spec.loader.exec_module

        def exec_module(module):
            inner(module)
            try:
                self._mend(module)
            except Exception:
                note("could not mend " + fullname)

        spec.loader.exec_module = exec_module
        return spec


def _short_generators():
    """``Generator[int]``, which is written since Python 3.13, has two types less."""
    if (3, 9) <= sys.version_info < (3, 13):  # those of `typing` count what they are given
        typing.Generator = collections.abc.Generator
        typing.AsyncGenerator = collections.abc.AsyncGenerator


def install():
    """Mend NumPy now and the others when they are imported; once a process, or before it is forked."""
    global _installed
    if _installed:
        return
    _installed = True
    _old_numpy_names()
    _visible_empty()
    _short_generators()
    sys.meta_path.insert(0, _AfterImport("sklearn.preprocessing._encoders", _old_encoder))
    builtins.__dict__.setdefault("display", print)
