"""What is asked of the spec of an item by its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graders.specs.document import Document
from graders.specs.model import ItemSpec, Pair

Place = tuple[str | int, ...]


def nothing(document: Document, item: ItemSpec) -> None:
    """Refuse nothing."""


def of_layers(item: ItemSpec) -> frozenset[str]:
    """What a documented pair gives: an input, and each weight."""
    return frozenset({"x", *item.weights})


def no_more(document: Document, path: Place, item: ItemSpec, pair: Pair) -> None:
    """Refuse no pair."""


@dataclass(frozen=True)
class Task:
    """What a spec of one kind of item has, and what of it fits together.

    Attributes:
        article: the kind in a sentence ("a layer").
        keys: what only the specs of some kinds have, this one among them: "manner", or "input.scale".
        facets: those that the kind's checks know, of an item; None: any.
        check: refuses an item whose parts don't fit together, by a `SpecError` with file, line and key.
        given: what a documented pair has to give.
        check_pair: refuses a documented pair whose arrays don't fit together.
        partly: a documented result may be told in part, with nan for the rest.
        functions: the mistakes that a spec names are functions, not classes.
    """

    article: str
    keys: tuple[str, ...] = ()
    facets: Callable[[ItemSpec], tuple[str, ...]] | None = None
    check: Callable[[Document, ItemSpec], None] = nothing
    given: Callable[[ItemSpec], frozenset[str]] = of_layers
    check_pair: Callable[[Document, Place, ItemSpec, Pair], None] = no_more
    partly: bool = False
    functions: bool = False
