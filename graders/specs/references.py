"""The object that a spec names as its reference: of an installed package, or of a file beside the spec."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from graders.specs.document import Document
from graders.specs.model import ItemSpec
from graders.spelling import nearest

_BESIDE: dict[str, Path] = {}  # the modules that were found beside specs, and in which folder


def found_reference(
    document: Document, reference: str, path: tuple[str | int, ...] = ("reference",)
) -> Any:
    """The object of a ``package.module:Name``.

    What is not installed is looked for in the folder of the spec's file, in the folder of specs that it is in,
    and in the current one.

    Raises:
        SpecError: there is none, or it is part of Python itself, which is no reference.
    """
    module, _, name = reference.partition(":")
    if module.partition(".")[0] in sys.stdlib_module_names:
        raise document.error(
            path, f"{module!r} is a module of Python itself; expected package.module:Class"
        )
    try:
        with _beside(module, document.file):
            found = importlib.import_module(module)
    except Exception as error:  # an author's own module may raise anything
        folders = _folders(document.file)
        there = ["reference", *(f.stem for folder in folders for f in sorted(folder.glob("*.py")))]
        hint = "; expected package.module:Class, of what is installed or beside the spec"
        if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
            hint = nearest(module, there) or hint
        elif not isinstance(error, ImportError):
            hint, error = "", ImportError(f"{type(error).__name__}: {error}")
        raise document.error(path, f"{reference}: {error}{hint}") from error
    if not hasattr(found, name):
        names = (n for n in vars(found) if n[0] != "_")
        raise document.error(path, f"{module!r} has no {name!r}{nearest(name, names)}")
    return getattr(found, name)


def _folders(file: Path) -> list[Path]:
    """Where a spec's module may lie that is not installed."""
    return [file.parent.resolve(), file.parent.parent.resolve(), Path.cwd()]


@contextmanager
def _beside(module: str, file: Path) -> Iterator[None]:
    """Let a spec's folders be looked at last, so that nothing in them takes an installed one's place."""
    top = module.partition(".")[0]
    if top not in _BESIDE and (top in sys.modules or find_spec(top) is not None):
        yield  # what is installed comes first
        return
    folders = _folders(file)
    there = next((f for f in folders if (f / f"{top}.py").is_file() or (f / top).is_dir()), None)
    if there is None or (top in sys.modules and _BESIDE.get(top, there) == there):
        yield
        return
    for known in [m for m in sys.modules if top in _BESIDE and m.partition(".")[0] == top]:
        del sys.modules[known]  # another folder's of the same name
    path = str(there)
    sys.path.append(path)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(path)
    if (found := getattr(sys.modules[top], "__file__", None)) and Path(found).is_relative_to(there):
        _BESIDE[top] = there


def check_config(document: Document, item: ItemSpec) -> None:
    """Refuse sizes that the reference does not take.

    Raises:
        SpecError: with file, line, key and the nearest name.
    """
    found = found_reference(document, item.reference)
    name = item.reference.partition(":")[2]
    try:
        parameters = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return
    for key in item.config:
        if key not in parameters:
            raise document.error(
                ("config", key), f"{name} takes no {key!r}{nearest(key, parameters)}"
            )
