"""The misconceptions, a module a family of items."""

from graders.diagnosis.known import (
    convolution1d,
    convolution2d,
    dense,
    pooling,
    procedures,
    sizes,
    training,
)
from graders.diagnosis.model import Misconception

MISCONCEPTIONS = (
    *convolution1d.MISCONCEPTIONS,
    *convolution2d.MISCONCEPTIONS,
    *pooling.MISCONCEPTIONS,
    *dense.MISCONCEPTIONS,
    *training.MISCONCEPTIONS,
    *sizes.MISCONCEPTIONS,
    *procedures.MISCONCEPTIONS,
)


def misconceptions_for(item: str) -> tuple[Misconception, ...]:
    """The misconceptions that are known for an item."""
    return tuple(m for m in MISCONCEPTIONS if item in m.items)
