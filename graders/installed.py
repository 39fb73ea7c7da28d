"""Specs that come with installed packages: entry points of the group ``scratchgrade.specs``.

A package says in its ``pyproject.toml`` which of its packages is a folder of specs (one folder a
sprint, with a ``sprint.yaml``)::

    [project.entry-points."scratchgrade.specs"]
    recurrent = "my_course.specs"

Nothing of it is imported to find it. The reference that a spec names is imported when it is used.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from graders.errors import SpecError

GROUP = "scratchgrade.specs"
PLUGINS = "scratchgrade"  # as in `graders.plugins`, which comes after this


@dataclass(frozen=True)
class SpecPackage:
    """An installed folder of specs, and the top-level package that it lies in."""

    name: str
    folder: Path
    package: Path


def spec_packages() -> tuple[SpecPackage, ...]:
    """The installed packages with specs, by the name of their entry point.

    Raises:
        SpecError: an entry point names no package with a folder, or two have one name.
    """
    found: dict[str, SpecPackage] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        package = _package(point)
        if found.setdefault(point.name, package) != package:
            raise SpecError(f"entry point {point.name!r} of {GROUP}: two packages have this name")
    return tuple(found.values())


def _package(point: EntryPoint) -> SpecPackage:
    said = f"entry point {point.name!r} of {GROUP} ({point.value})"
    top, *inner = point.module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError) as error:
        raise SpecError(f"{said}: {error}") from error
    if spec is None or not spec.submodule_search_locations:
        raise SpecError(f"{said}: there is no package {top!r}; reinstall the one that names it")
    package = Path(next(iter(spec.submodule_search_locations)))
    folder = package.joinpath(*inner)
    if not folder.is_dir():
        raise SpecError(f"{said}: {folder} is no folder; are the specs among its package data?")
    return SpecPackage(point.name, folder, package)


def places_of_specs() -> list[Path]:
    """What no student's process may read: specs and references of installed packages, plugins."""
    try:
        packages = [p.package for p in spec_packages()]
    except SpecError:
        return []  # told where specs are loaded
    packages += plugin_places()
    places = {p.resolve() for p in packages} | set(packages)
    return sorted(p for p in places if str(p) not in sys.path)


def plugin_places() -> list[Path]:
    """The packages, or single modules, that installed plugins are in."""
    found = []
    for top in {p.module.partition(".")[0] for p in entry_points(group=PLUGINS)}:
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            continue  # told where plugins are loaded
        if spec is not None and spec.origin:
            file = Path(spec.origin)
            found.append(file.parent if file.name == "__init__.py" else file)
    return sorted(found)
