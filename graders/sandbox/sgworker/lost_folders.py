"""Packages whose folder was handed in under another name, or without the folders around it.

Files of one package import one another by its name: ``from common.util import im2col``. Who hands in
the contents of ``common`` hands in all that is asked for. A name that is found nowhere else stands for
the folder of the submission that has a module that is imported from it; what lies deeper is found by the
last part of its name.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys

from . import barred, neighbours, replicas, standins

_MOST_FILES, _LONGEST = 300, 2_000_000  # what is read to learn how files import one another
_DOTTED = re.compile(r"\b(?:from|import)[ \t]+([A-Za-z_]\w*)\.(\w+)")
_FROM = re.compile(r"\bfrom[ \t]+([A-Za-z_]\w*)[ \t]+import[ \t]+(\w+)")


class _Folder(standins._Module):
    """A package that is a folder of the submission; what it lacks is absent, as in any other."""

    def __getattr__(self, name):
        if not name.startswith("__"):
            for folder in self.__path__:
                if _holds(folder, name):
                    return importlib.import_module(self.__name__ + "." + name)
        return super().__getattr__(name)


class _Package(importlib.abc.Loader):
    """Runs the folder's ``__init__.py`` if there is one."""

    def __init__(self, inside):
        self._inside = inside

    def create_module(self, spec):
        return _Folder(spec.name)

    def exec_module(self, module):
        if not os.path.isfile(self._inside):
            return
        loader = importlib.machinery.SourceFileLoader(module.__name__, self._inside)
        with contextlib.suppress(Exception):  # by another name this would not have run at all
            exec(loader.get_code(module.__name__), module.__dict__)


class _Finder(importlib.abc.MetaPathFinder):
    """Asked for what is neither installed nor in the submission by this name."""

    def __init__(self, root):
        self._root = root
        self._places = None
        self._folders = {}

    def find_spec(self, fullname, path=None, target=None):
        top, _, below = fullname.partition(".")
        if neighbours.is_taken(top) or _is_known(top):
            return None
        if not neighbours.importing_file().startswith(("<cell ", self._root + os.sep)):
            return None  # a library that looks whether another one is there
        if self._places is None:
            self._places = dict(reversed(list(neighbours._modules(self._root))))
            self._folders = _named(self._root)
        if not below:
            return self._package(fullname)
        return self._module(fullname)

    def _package(self, name):
        folder = self._folders.get(name)
        if folder is None:
            return None
        inside = os.path.join(folder, "__init__.py")
        spec = importlib.machinery.ModuleSpec(
            name, _Package(inside), origin=folder, is_package=True
        )
        spec.submodule_search_locations = [folder]
        return spec

    def _module(self, fullname):
        """A module that is asked for below folders that were not handed in."""
        above, _, name = fullname.rpartition(".")
        place = self._places.get(name)
        if place is not None and not place.endswith("__init__.py"):
            return importlib.util.spec_from_file_location(fullname, place)
        if isinstance(sys.modules.get(above), _Folder):  # a part that was not handed in
            return importlib.machinery.ModuleSpec(fullname, standins._Finder(), is_package=True)
        return None


def _is_known(top):
    """True for libraries that have a stand-in of their own, or that may not be used."""
    return (
        top in standins.DECORATION
        or top in replicas.WHOLE
        or top in ("keras", "tensorflow", "torchvision", "mlxtend", "tf_keras")
        or barred.is_barred(top)
    )


def _holds(folder, name):
    place = os.path.join(folder, name)
    return os.path.isfile(place + ".py") or os.path.isfile(os.path.join(place, "__init__.py"))


def _named(root):
    """Of each package name in import statements: the folder that has what is imported from it."""
    asked, folders = {}, []
    for folder, inside, files in os.walk(root):
        inside[:] = sorted(f for f in inside if not f.startswith((".", "__")))
        folders.append(folder)
        for name in sorted(files)[:_MOST_FILES]:
            if not name.endswith((".py", ".ipynb")) or len(folders) > _MOST_FILES:
                continue
            try:
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    text = file.read(_LONGEST)
            except OSError:
                continue
            for pattern in (_DOTTED, _FROM):
                for top, part in pattern.findall(text):
                    asked.setdefault(top, set()).add(part)
    found = {}
    for top, parts in asked.items():
        best = max(folders, key=lambda f: sum(_holds(f, part) for part in parts))
        if any(_holds(best, part) for part in parts):
            found[top] = best
    return found


def install(root):
    """Let files below `root` import one another by the name of the package that they were."""
    sys.meta_path.insert(len(sys.meta_path) - 1, _Finder(root))
