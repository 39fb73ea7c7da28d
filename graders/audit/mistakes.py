"""Known misconceptions as wrong answers: each in the place of the reference, in every interface."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.audit.hosting import Answer
from graders.audit.interfaces import Interface
from graders.audit.library import Library
from graders.diagnosis import Misconception, misconceptions_of
from graders.errors import SpecError
from graders.specs import ItemSpec


@dataclass(frozen=True)
class WrongAnswer:
    """A misconception in one interface, and the facets that it must break.

    `idle`: an answer that computes nothing, and so must not earn anything. `at_least`: others may
    break with them.
    """

    misconception: str
    breaks: frozenset[str]
    answer: Answer
    idle: bool = False
    at_least: bool = False


def mistaken_answers(
    spec: ItemSpec, library: Library, ways: Sequence[Interface]
) -> list[WrongAnswer]:
    """Every misconception of the item in every interface that uses what it is a variation of.

    Raises:
        SpecError: a misconception's variant is a variation of nothing that the reference has.
    """
    found = []
    for misconception in misconceptions_of(spec):
        wrong, instead_of = _with_mistake(misconception, library, spec)
        breaks = misconception.breaks & spec.facets.keys()  # those that the item has
        found += [
            WrongAnswer(misconception.id, breaks, Answer(way, wrong))
            for way in ways
            if instead_of in way.names() and not _of_output(way)
        ]
    return found


def _of_output(way: Interface) -> bool:
    """A plain backward function may be handed the output of forward in the place of its input; a
    derivative that is right for the one and wrong for the other is no mistake there.
    """
    return way.name == "functions"


def _with_mistake(
    misconception: Misconception, library: Library, spec: ItemSpec
) -> tuple[Library, str]:
    variant = misconception.variant
    file = inspect.getsourcefile(variant)
    own = spec.reference.partition(":")[2]
    # Functions of one array are alike: what the item itself asks for comes first.
    names = [own] * (own in library.exports) + sorted(library.exports)
    instead_of = _varied(variant, library.package, names)
    if file is None or instead_of is None:
        raise SpecError(
            f"misconception {misconception.id}: its variant is no subclass and has the signature "
            f"of no function of {library.package}"
        )
    source = _source(Path(file))
    return library.with_variant(source, variant.__name__, instead_of), instead_of


@functools.cache
def _source(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _varied(variant: object, package: str, exports: Sequence[str]) -> str | None:
    """The name of what a variant takes the place of: the first of `exports` if that is a base of it, else its nearest
    base; or a function called alike.
    """
    if inspect.isclass(variant):
        bases = [
            base.__name__
            for base in variant.__mro__[1:]
            if base.__module__.partition(".")[0] == package and base.__name__ in exports
            and not base.__name__.startswith("_")  # what several slips share is no part of an answer
        ]  # fmt: skip
        return next((name for name in (*exports[:1], *bases) if name in bases), None)
    wanted = list(inspect.signature(variant).parameters) if callable(variant) else []
    module = __import__(package)
    for name in exports:
        function = getattr(module, name, None)
        if inspect.isfunction(function) and list(inspect.signature(function).parameters) == wanted:
            return name
    return None
