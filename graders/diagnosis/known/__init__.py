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
from graders.misconceptions import Misconception
from graders.plugins import plugins

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
    return tuple(m for m in all_misconceptions() if item in m.items)


def all_misconceptions() -> tuple[Misconception, ...]:
    """Those that come with the grader and those of plugins."""
    return (*MISCONCEPTIONS, *plugins().misconceptions)
