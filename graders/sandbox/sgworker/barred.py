"""Packages that would do the student's work: here they are absent, whatever way leads to them.

Importing one gives a stand-in, so that an import which nothing uses costs nothing; whatever uses
it is refused by an ImportError. It holds for the whole process and for libraries, too: no other
copy of the package comes into it, by whichever name or way it is asked for. Single functions of a
package that libraries need are replaced in it.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types

REFUSAL = "may not be used here: it does the work that is to be written"
ABSENT = "is not installed where this notebook is graded"


class Bars:
    """Dotted names that are barred, and parts of them that are let through."""

    def __init__(self, names=(), let=()):
        self.names = tuple(names)
        self._barred, self._let = set(names), set(let)
        self._above = {outer for name in let for outer in _outer(name)}
        self._inside = {}
        for name in names:
            self._inside.setdefault(name.rpartition(".")[0], []).append(name)

    def hold(self, name):
        """True if the name lies in what is barred and not, nearer to it, in what is let through."""
        if self.lets_part_of(name):
            return False  # it is there itself
        for place in (name, *_outer(name)):
            if place in self._let:
                return False
            if place in self._barred:
                return True
        return False

    def lets_part_of(self, name):
        """True if something in it is let through."""
        return name in self._above

    def inside(self, module):
        """What is barred of a module, by its own names, where the module itself is not."""
        return self._inside.get(module, [])


_bars = Bars()


def is_barred(name):
    """True if it is absent from this process."""
    return _bars.hold(name)


def _outer(name):
    """What a dotted name lies in, nearest first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def _within(name, package):
    return name == package or name.startswith(package + ".")


def why(name):
    """Why something that is not there can't be used."""
    return REFUSAL if is_barred(name) and ".datasets" not in name else ABSENT


class Refused:
    """Something of a barred package: it may be imported and handed on, nothing else."""

    def __init__(self, name):
        self.__dict__.update(_sg_name=name, __name__=name.rpartition(".")[2], __doc__=None)

    def _refuse(self, *args, **kwargs):
        raise ImportError("%s %s" % (self._sg_name, why(self._sg_name)))

    __call__ = __iter__ = __len__ = __enter__ = __array__ = __getitem__ = _refuse

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Refused(self._sg_name + "." + name)

    def __instancecheck__(self, instance):
        return False

    def __subclasscheck__(self, kind):
        return False

    def __mro_entries__(self, bases):
        """``class Net(nn.Module)`` may stand; instances of it are refused."""
        return (type(self._sg_name.rsplit(".", 1)[-1], (), {"__init__": self._refuse}),)


class _Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        full = self.__name__ + "." + name
        return Refused(full) if is_barred(full) else _imported(full)


def _imported(name):
    """A part of a barred package that is let through, if it is one."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise AttributeError(name) from None


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes first: no other finder is asked for what is barred."""

    def find_spec(self, fullname, path=None, target=None):
        if not is_barred(fullname):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        """There is nothing in it."""


class _Mending(importlib.abc.MetaPathFinder):
    """Takes barred functions out of a module as soon as it has been imported."""

    _busy = False

    def find_spec(self, fullname, path=None, target=None):
        if self._busy or not _bars.inside(fullname):
            return None
        self._busy = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy = False
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            return None
        inner = spec.loader.exec_module

        def exec_module(module):
            inner(module)
            _take_out(module)

        spec.loader.exec_module = exec_module
        return spec


def _take_out(module):
    """Replace what is barred of a module that is not, here and wherever else it was imported to."""
    gone = {}
    for name in _bars.inside(module.__name__):
        found = vars(module).get(name.rpartition(".")[2])
        if found is not None and not isinstance(found, (Refused, types.ModuleType)):
            gone[id(found)] = (found, Refused(name))
    if not gone:
        return
    root = module.__name__.partition(".")[0]
    for name, other in list(sys.modules.items()):
        if _within(name, root) and isinstance(other, types.ModuleType):
            for key, value in list(vars(other).items()):
                if id(value) in gone:
                    setattr(other, key, gone[id(value)][1])


def install(names, let):
    """Bar what `names` say, except for `let`, before anything of the student's runs."""
    global _bars
    _bars = Bars(names, let)
    if not _bars.names:
        return
    for name, module in list(sys.modules.items()):  # in the process that this one is forked from
        if is_barred(name):
            _replace(name)
        elif isinstance(module, types.ModuleType):
            _take_out(module)
    sys.meta_path[:0] = [_Finder(), _Mending()]


def _replace(name):
    module = sys.modules[name] = _Module(name)
    module.__path__ = []
    parent, _, last = name.rpartition(".")
    if parent in sys.modules and last in vars(sys.modules[parent]):
        setattr(sys.modules[parent], last, module)


def files(names, let):
    """Files and folders of what is barred, on the path for imports: nothing may read them."""
    bars = Bars(names, let)
    found = []
    for folder in sys.path:
        there = _tops(folder)
        for name in names:
            if there is None or name.partition(".")[0] in there:
                found += _places(bars, os.path.join(folder, *name.split(".")), name)
    return sorted(set(found))


def _tops(folder):
    """The names of what can be imported from a folder; None where they can't be told."""
    try:
        return {name.partition(".")[0] for name in os.listdir(folder or ".")}
    except (NotADirectoryError, FileNotFoundError):
        return set()
    except OSError:
        return None


def _places(bars, place, name):
    if os.path.isfile(place + ".py"):
        return [place + ".py"]
    if not os.path.isdir(place):
        return []
    if not bars.lets_part_of(name):
        return [place]
    inside = sorted({entry.partition(".")[0] for entry in os.listdir(place)})
    kept = ("__init__", "__pycache__", "__check_build")
    found = []
    for entry in inside:
        inner = name + "." + entry
        if entry not in kept and (bars.hold(inner) or bars.lets_part_of(inner)):
            found += _places(bars, os.path.join(place, entry), inner)
    return found
