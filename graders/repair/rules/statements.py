"""How far statements are set in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.repair.spots import (
    Change,
    Spot,
)


def indentation(spot: Spot) -> Iterator[Change]:
    """The last statement of a block set in too far: a `return` inside the loop."""
    node = spot.node
    parent = spot.parent
    if not isinstance(node, ast.stmt) or node is not spot.statement:
        return
    if not isinstance(parent, ast.For | ast.While | ast.If | ast.With):
        return
    block = getattr(parent, "orelse", None) or parent.body
    alone = parent.lineno < node.lineno == node.end_lineno
    if len(block) > 1 and block[-1] is node and alone:
        yield Change("", f"out of {type(parent).__name__}")
