"""Sizes that a spec allows: those by which it is looked at before anything is graded."""

from __future__ import annotations

import random
from collections.abc import Iterator

from graders.specs.model import ItemSpec

_DRAWS = 8


def drawn_sizes(item: ItemSpec) -> Iterator[dict[str, int]]:
    """The smallest and the largest sizes, and some between them."""
    rng = random.Random(0)
    yield {name: low for name, (low, _) in item.sizes.items()}
    yield {name: high for name, (_, high) in item.sizes.items()}
    for _ in range(_DRAWS if item.sizes else 0):
        yield {n: rng.randint(low, high) for n, (low, high) in item.sizes.items()}
