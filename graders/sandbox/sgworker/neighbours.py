"""Imports of the submission's own files, wherever they lie in its folder.

Students put ``../utils`` on the path of their own machine, or write packages with relative
imports; here each file is run by itself, in a folder of another name.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types

# `test` is nothing that anybody asks the interpreter for.
_OF_PYTHON = getattr(sys, "stdlib_module_names", None) or [
    name.partition(".")[0] for name in (*os.listdir(os.path.dirname(os.__file__)), *sys.modules)
]
_TAKEN = (frozenset(_OF_PYTHON) - {"test", "site-packages"}) | frozenset(
    "numpy scipy pandas matplotlib mpl_toolkits sklearn IPython traitlets sgworker".split()
)
# What lies above the folder was not handed in: each of these packages is the folder again.
_ABOVE = ("_above", "_above.above", "_above.above.above", "_above.above.above.above")
PARENT = _ABOVE[-1] + ".submission"  # the package that the folder is, for relative imports


def package_of(folders):
    """The package of a file that lies in `folders`, dotted; None for a file by itself."""
    if folders is None:
        return None
    return PARENT + "." + folders if folders else PARENT


def importing_file():
    """The file, or cell, whose import statement a finder is asked for; "" if there is none."""
    caller = sys._getframe(2)
    while caller is not None and "importlib" in caller.f_code.co_filename:
        caller = caller.f_back
    return caller.f_code.co_filename if caller is not None else ""


def is_taken(name):
    """True for what the interpreter and the grading need: no file beside a notebook is that."""
    return name in _TAKEN


class _First(importlib.abc.MetaPathFinder):
    """The student's own files, for the student's own code, before any package that is installed.

    What a library imports is the library's: it never gets a student's file of that name, unless
    there is nothing else.
    """

    def __init__(self, root):
        self._root = root

    def find_spec(self, fullname, path=None, target=None):
        if "." in fullname or is_taken(fullname):
            return None
        if not importing_file().startswith(("<cell ", self._root + os.sep, os.getcwd() + os.sep)):
            return None  # a library that asks for one of its own
        for folder in (os.getcwd(), self._root):
            package = os.path.join(folder, fullname)
            inside = os.path.join(package, "__init__.py")
            if os.path.isfile(inside):
                return importlib.util.spec_from_file_location(
                    fullname, inside, submodule_search_locations=[package]
                )
            if os.path.isfile(package + ".py"):
                return importlib.util.spec_from_file_location(fullname, package + ".py")
        return None


class _Finder(importlib.abc.MetaPathFinder):
    """Asked for what is neither installed nor at the top of the submission."""

    def __init__(self, root):
        self._root = root
        self._places = None

    def find_spec(self, fullname, path=None, target=None):
        if "." in fullname:
            return None
        if not importing_file().startswith(("<cell ", self._root + os.sep)):
            return None  # a library that looks whether another one is there
        if self._places is None:
            self._places = dict(reversed(list(_modules(self._root))))
        place = self._places.get(fullname)
        if place is None:
            return None
        package = [os.path.dirname(place)] if place.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(
            fullname, place, submodule_search_locations=package
        )


class _Above(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """``from ..utils import pad`` in a file at the top: the file that lies beside it is meant."""

    def find_spec(self, fullname, path=None, target=None):
        above, _, name = fullname.rpartition(".")
        if above not in _ABOVE or fullname in _ABOVE or fullname == PARENT:
            return None
        if importlib.util.find_spec(PARENT + "." + name) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec):
        module = importlib.import_module(PARENT + "." + spec.name.rpartition(".")[2])
        self._own = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self._own  # it was run when it was made, under its own name


class _Once(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """A file is one module, whether ``import net.ops`` asks for it or ``from .ops import Tensor``:
    of two copies each has classes of its own, and an object of the one is none of the other's.
    """

    def __init__(self, root):
        self._root = root
        self._own = {}  # name -> what the module has in the place of that name

    def find_spec(self, fullname, path=None, target=None):
        inside = fullname.startswith(PARENT + ".")
        if fullname in _ABOVE or fullname == PARENT:
            return None
        plain = fullname[len(PARENT) + 1 :] if inside else fullname
        other = plain if inside else PARENT + "." + fullname
        module = sys.modules.get(other)
        if module is None or not self._is_ours(module, plain):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, loader_state=other)

    def _is_ours(self, module, plain):
        place = os.path.join(self._root, *plain.split("."))
        file = getattr(module, "__file__", None)
        return file in (place + ".py", os.path.join(place, "__init__.py"))

    def create_module(self, spec):
        module = sys.modules[spec.loader_state]
        self._own[spec.name] = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self._own.pop(module.__spec__.name)


def _package(name, folders):
    """A package that is found in `folders`."""
    package = types.ModuleType(name)
    package.__path__ = folders
    package.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
    package.__spec__.submodule_search_locations = folders
    sys.modules[name] = package


def _modules(root):
    """(name, file) of every module and package below the folder, those nearest to it first."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
        for name in sorted(files):
            if name == "__init__.py" and folder != root:
                yield os.path.basename(folder), os.path.join(folder, name)
            elif name.endswith(".py"):
                yield name[:-3], os.path.join(folder, name)


def install(root):
    """Let files below `root` be imported, with dots or without."""
    for above in _ABOVE:
        _package(above, [])
    _package(PARENT, [root])
    sys.meta_path.insert(0, _First(root))
    sys.meta_path.insert(0, _Above())
    sys.meta_path.insert(0, _Once(root))
    # Before the stand-in for absent packages, which comes last.
    sys.meta_path.insert(len(sys.meta_path) - 1, _Finder(root))
