"""Which mistakes are told of a facet: those that explain it, unless too many do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graders.cases import resolve
from graders.misconceptions import Diagnosis, Misconception, Name, Variant
from graders.specs import ItemSpec

_MOST = 2  # mistakes that are told side by side; more that fit say nothing


def few(names: Iterable[Name]) -> tuple[Name, ...]:
    """Each lesson once; none if too many are left: to tell one of them would be a guess."""
    found: dict[str, Name] = {}
    for name in names:
        found.setdefault(name.lesson.title.id, name)
    return tuple(found.values()) if len(found) <= _MOST else ()


def named(facet: str, hits: Iterable[Misconception]) -> tuple[Diagnosis, ...]:
    """One diagnosis of a facet by the mistakes that explain it, or none."""
    names = few(Name(hit.id, hit.lesson) for hit in hits)
    return (Diagnosis(facet, names),) if names else ()


def forms_of(spec: ItemSpec, known: Misconception) -> Iterator[Variant]:
    """A mistake as it is, and made in each other form of its item that it can be made in."""
    yield known.variant
    for form in spec.forms:
        rule = resolve(form.reference)
        try:
            yield type(rule.__name__, (known.variant, rule), {})  # type: ignore[arg-type]
        except TypeError:  # one of them is the other, or they are no relatives
            continue
