"""By which of its ideas a search found an answer: the idioms of a plan, told by what in it is not plain.

A plan is a frozen dataclass whose defaults are the plainest way to write a thing. A field that is not as
the defaults have it, and an argument of a kind of its own, are what some rule of the search reads; what
a field means stands beside it. So nothing is listed twice, and a new field is counted from its first day.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Any

from graders.binding.plans import Argument


@dataclass(frozen=True, order=True)
class Idiom:
    """One thing in which a plan is not plain: the plan's class, and its field or a kind of argument."""

    plan: str
    name: str

    def __str__(self) -> str:
        return f"{self.plan}.{self.name}"


Idioms = frozenset[Idiom]


@dataclass(frozen=True)
class Searched:
    """The idioms of each plan that was run for an item, and of the one by which all of it is right."""

    tried: tuple[Idioms, ...] = ()
    proved: Idioms | None = None


@dataclass(frozen=True)
class Count:
    """In how many plans that were run an idiom was, and in how many that proved an item."""

    tried: int = 0
    proved: int = 0


def idioms(plan: Any) -> Idioms:
    """In what a plan is not plain; a plan within a plan has idioms of its own."""
    return frozenset(_idioms(plan))


def counted(searches: Iterable[Searched]) -> dict[Idiom, Count]:
    """How often each idiom was tried and proved an item, in the order of their names."""
    found: dict[Idiom, Count] = {}
    for search in searches:
        for plan in search.tried:
            for idiom in plan:
                count = found.get(idiom, Count())
                found[idiom] = Count(count.tried + 1, count.proved)
        for idiom in search.proved or ():
            count = found.get(idiom, Count())
            found[idiom] = Count(count.tried, count.proved + 1)
    return dict(sorted(found.items()))


def _idioms(plan: Any) -> Iterator[Idiom]:
    kind = type(plan).__name__
    for field in dataclasses.fields(plan):
        value = getattr(plan, field.name)
        if type(value).__name__.endswith("Plan"):
            yield from _idioms(value)
            continue
        yield from (Idiom(kind, f"{field.name}: {said}") for said in {*_told(value)})
        if _departs(field, value):
            yield Idiom(kind, field.name)


def _departs(field: dataclasses.Field[Any], value: Any) -> bool:
    """True if the field has a default and is not as it has it."""
    if field.default_factory is not MISSING:
        return bool(value != field.default_factory())
    return field.default is not MISSING and bool(value != field.default)


def _told(value: Any) -> Iterator[str]:
    """The kinds of the arguments in a field, and the members of enumerations."""
    match value:
        case Argument():
            yield value.kind
        case enum.Enum():
            yield value.name.lower()
        case tuple():
            for part in value:
                yield from _told(part)
        case Mapping():
            for part in value.values():
                yield from _told(part)
        case _ if dataclasses.is_dataclass(value) and type(value).__name__ in _PARTS:
            for field in dataclasses.fields(value):
                yield from _told(getattr(value, field.name))


_PARTS = ("Call", "Mode")  # of plans: what is called with which arguments, where a mode is told
