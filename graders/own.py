"""What the distribution brings, found from where it is installed, whatever lies in the current folder.

``reference`` and ``specs`` are plain words: a folder of that name where somebody stands, or on their
``PYTHONPATH``, would be imported in their place. For imports that stand in our own files they are ours;
nobody else's imports are touched.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import FrameType, ModuleType

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder that has ``graders``, ``reference`` and ``specs``: site-packages, or a clone."""
_BESIDE = ("reference", "specs")

OURS = ("graders", "reference", "specs", "submissions", "tests", "benchmarks", "examples", ".git")
"""What a checkout of ours holds that is not for a student's eyes."""
MARKS = {
    "graders": "sandbox/sgworker/start.py",
    "reference": "procedural.py",
    "specs": "report.schema.json",
}
"""By these files a package is known as ours, wherever it lies and whatever lies beside it."""


def folder_of(package: str) -> str:
    """The folder of one of the distribution's top-level packages."""
    return os.path.join(ROOT, package)


def is_copy(folder: str) -> bool:
    """True for the folder of one of our packages, this one or another copy of it."""
    name = os.path.basename(folder)
    return name in MARKS and os.path.isfile(os.path.join(folder, MARKS[name]))


def is_ours(folder: str) -> bool:
    """True for one of our packages, and for what else a checkout holds: solutions lie in it, too."""
    name, around = os.path.basename(folder), os.path.dirname(folder)
    return is_copy(folder) or (
        name in OURS and all(is_copy(os.path.join(around, one)) for one in MARKS)
    )


def lies_in_copy(file: str, root: str) -> bool:
    """True for a file of ours that somebody's code can reach from a folder: of one of our packages,
    whether the folder lies around it or in it, or of what else a checkout in the folder holds.
    """
    place, root = os.path.realpath(file), os.path.realpath(root)
    while (above := os.path.dirname(place)) != place:
        place, inside = above, _lies_in(above, root) and above != root
        if is_copy(place) or (inside and is_ours(place)):
            return True
    return False


def program(module: str) -> str:
    """What an interpreter of ours runs (``-c``): ``main()`` of one of our modules.

    The same package as here, before an installed one, but behind Python's own modules.
    """
    return f"""
import sys
installed = [i for i, p in enumerate(sys.path) if p.endswith(("site-packages", "dist-packages"))]
sys.path.insert(min(installed, default=len(sys.path)), {ROOT!r})
from {module} import main
main()
"""


class _Finder(importlib.abc.MetaPathFinder):
    """Asked first, and answers for our own modules alone.

    Those inside our packages are loaded as they are: pytest would rewrite the asserts of all modules
    of a distribution that brings a plugin, which costs more than all of their imports.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module of ours; None for whatever else."""
        top, _, inner = fullname.partition(".")
        if inner:
            ours = top in ("graders", *_BESIDE) and path and _lies_in(path[0], folder_of(top))
            return importlib.machinery.PathFinder.find_spec(fullname, path) if ours else None
        if fullname not in _BESIDE or not _asked_by_us(sys._getframe(1)):
            return None
        folder = folder_of(fullname)
        return importlib.util.spec_from_file_location(
            fullname, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )


def _lies_in(path: str, folder: str) -> bool:
    return (path + os.sep).startswith(folder + os.sep)


def _asked_by_us(caller: FrameType | None) -> bool:
    while caller is not None and "importlib" in caller.f_code.co_filename:
        caller = caller.f_back
    ours = tuple(folder_of(name) + os.sep for name in ("graders", *_BESIDE))
    return caller is not None and os.path.abspath(caller.f_code.co_filename).startswith(ours)


def install() -> None:
    """Let our own imports find what is ours; once an interpreter."""
    if not any(type(finder).__qualname__ == _Finder.__qualname__ and
               type(finder).__module__ == __name__ for finder in sys.meta_path):  # fmt: skip
        sys.meta_path.insert(0, _Finder())


def stand_aside() -> None:
    """Where the grading is all that this interpreter does: the current folder comes last.

    ``python -m pytest`` and ``PYTHONPATH=.`` put it first: a ``numpy.py`` in it would be NumPy. What a
    course keeps in it, plugins say, is still found.
    """
    here = os.path.realpath(os.getcwd())
    if here == os.path.realpath(ROOT):
        return
    first = [entry for entry in sys.path if os.path.realpath(entry or ".") == here]
    sys.path[:] = [entry for entry in sys.path if entry not in first] + first
    for name in _BESIDE:
        module = sys.modules.get(name)
        places = [os.path.realpath(p) for p in getattr(module, "__path__", ())]
        if module is not None and os.path.realpath(folder_of(name)) not in places:
            for loaded in [m for m in sys.modules if m.partition(".")[0] == name]:
                del sys.modules[loaded]
