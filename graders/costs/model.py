"""What was counted of one answer, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graders.messages import Message


@dataclass(frozen=True)
class Growth:
    """How something grows with one size, all others held. `order`: 0 constant, 1 linear, 2 ...

    `reference`: the same of the reference, where it was measured.
    """

    axis: str
    order: int
    sizes: tuple[int, ...]
    values: tuple[int, ...]
    reference: tuple[int, ...] = ()


@dataclass(frozen=True)
class Loop:
    """A loop of the student's, or a function that is called again and again.

    `orders`: by axis, how often it runs. `own`: the axes that it goes along itself, those of the
    loops around it left out. `runs`: how often it ran at the smallest sizes.
    """

    cell: int
    line: int
    place: Message
    text: str
    orders: Mapping[str, int]
    own: tuple[str, ...]
    runs: int
    depth: int = 0  # in how many loops it stands
    called: bool = False  # a function


@dataclass(frozen=True)
class ItemCost:
    """What was counted of an item's answer, in one forward and one backward.

    `unseen`: axes that could not be grown. `loops`: those that grow, the innermost of the most
    nested ones first. `functions`: what of NumPy and other packages was called, and how often.
    """

    work: tuple[Growth, ...] = ()
    memory: tuple[Growth, ...] = ()
    unseen: tuple[str, ...] = ()
    loops: tuple[Loop, ...] = ()
    functions: Mapping[str, int] = field(default_factory=dict)
    bytes_per_byte: float | None = None  # peak by the bytes of what is given, at the largest sizes
    rewrite: Message | None = None

    @property
    def orders(self) -> dict[str, int]:
        """How the interpreter's work grows, by axis."""
        return {growth.axis: growth.order for growth in self.work}
