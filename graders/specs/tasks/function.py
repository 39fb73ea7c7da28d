"""What the spec of a function of sizes has to have."""

from __future__ import annotations

import numpy as np

from graders.specs.document import Document
from graders.specs.model import ItemSpec, Pair
from graders.specs.tasks.task import Place, Task


def _check(document: Document, item: ItemSpec) -> None:
    for key, said in (("value", item.value), ("sizes", item.sizes), ("roles", item.roles)):
        if not said:
            raise document.error((), f"a function needs {key}")


def _check_pair(document: Document, path: Place, item: ItemSpec, pair: Pair) -> None:
    for name, given in pair.given.items():
        if given.ndim or given != np.floor(given):
            raise document.error(
                (*path, "given", name), "is no single number; expected a whole one"
            )
    for facet, told in pair.expected.items():
        if told.size != len(item.value):
            raise document.error(
                (*path, "expected", facet),
                f"has {told.size} numbers; expected {len(item.value)}, as 'value' has formulas",
            )


TASK = Task(
    "a function",
    facets=lambda item: ("forward",),
    check=_check,
    given=lambda item: frozenset(item.sizes),
    check_pair=_check_pair,
)
