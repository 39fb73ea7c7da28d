"""What a dropout's spec has to have, and that its classes are what is asked of them.

Such a class is made with the probability to leave out, whether it is inverted, and where its draws come from;
``forward(x)`` is a training, ``forward(x, training=False)`` a test, ``backward(dy)`` the way back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graders.specs.document import Document
from graders.specs.model import ItemSpec
from graders.specs.references import found_reference
from graders.specs.tasks.task import Task


def check_dropout(document: Document, item: ItemSpec) -> None:
    """That each class of the item gives arrays of its input's shape.

    Raises:
        SpecError: with file, line, key and what went wrong.
    """
    if not (item.reference and item.axes and item.layouts):
        raise document.error((), "a dropout needs reference and input, with layouts")
    if len(item.axes) != 2:
        raise document.error(("input", "axes"), "a dropout is of two axes, samples and features")
    for axis in item.axes:
        if item.sizes.get(axis, (0, 0))[0] < 20:
            raise document.error(
                ("sizes",), f"{axis} is to be at least 20, so that draws can be judged"
            )
    named: list[tuple[tuple[str | int, ...], str]] = [(("reference",), item.reference)]
    named += [(("misconceptions", i, "variant"), s.variant) for i, s in enumerate(item.slips)]
    for path, reference in named:
        try:
            _try(found_reference(document, reference, path), [20, 20])
        except Exception as error:  # whatever an author's class raises
            raise document.error(
                path, f"{reference} is no dropout: {type(error).__name__}: {error}"
            ) from error


def _try(dropout: Any, shape: list[int]) -> None:
    for inverted in (True, False):
        one = dropout(0.5, inverted, np.random.default_rng(0))
        for array in (one.forward(np.ones(shape)), one.backward(np.ones(shape)),
                      one.forward(np.ones(shape), training=False)):  # fmt: skip
            if np.shape(array) != tuple(shape):
                raise ValueError(f"an array of shape {np.shape(array)}; expected {tuple(shape)}")


TASK = Task(
    "a dropout",
    keys=("misconceptions",),
    facets=lambda item: ("forward", "dX", "test", "repeat"),
    check=check_dropout,
)
