"""Known misconceptions as wrong answers: each in the place of the reference, in every interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.audit.hosting import Answer
from graders.audit.interfaces import Interface
from graders.audit.library import Library
from graders.specs import ItemSpec


@dataclass(frozen=True)
class WrongAnswer:
    """A misconception in one interface, and the facets that it must break."""

    misconception: str
    breaks: frozenset[str]
    answer: Answer


def mistaken_answers(
    spec: ItemSpec, library: Library, ways: Sequence[Interface]
) -> list[WrongAnswer]:
    """Every misconception of the item in every interface."""
    return []
