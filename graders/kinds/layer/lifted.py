"""A 1-D layer that is written as a 2-D one of height 1: its arrays are (N, C, 1, L), (O, C, 1, F)."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from graders.arrays.layouts import Layout
from graders.binding.definitions import Definition
from graders.binding.lexicon import lexicon
from graders.specs import ItemSpec
from graders.submission.parsing import every_node


def takes_images(spec: ItemSpec, definition: Definition) -> bool:
    """True if the item convolves along one axis, and the class, which is called so (``Conv1d``)
    or has a window of two sides (``kernel=(1, 3)``) and no other name, takes the shape of an
    array apart into four sizes: ``N, C, H, W = x.shape``.
    """
    if len(spec.axes) != 3 or len(_along(spec, spec.axes)) != 1:
        return False
    called_so = re.search(r"1_?d", definition.name, re.IGNORECASE)
    if not called_so and (re.search("2_?d", definition.name, re.I) or not _has_sides(definition)):
        return False  # made for images indeed
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "shape"
        and any(isinstance(t, ast.Tuple) and len(t.elts) == 4 for t in node.targets)
        for node in every_node(definition.tree)
    )


def _has_sides(definition: Definition) -> bool:
    """True for a parameter ``kernel=(1, 1)`` of the constructor."""
    constructor = definition.constructor
    return constructor is not None and any(
        lexicon().is_a(p.name, "filter_size") and (p.default or "").startswith(("(", "["))
        for p in constructor.parameters
    )


def lifted(spec: ItemSpec, known: Sequence[Layout]) -> list[Layout]:
    """Those of the layouts that leave no axis out, with the height of 1 before the axis along
    which it convolves.
    """
    full = max(map(len, known), default=0)
    found: list[Layout] = []
    for layout in known:
        along = _along(spec, layout)
        if len(layout) == full == 3 and len(along) == 1:
            place = layout.index(along[0])
            found.append((*layout[:place], "", *layout[place:]))
    return found


def _along(spec: ItemSpec, axes: Sequence[str]) -> list[str]:
    """The axes of an array along which the item convolves: an input's whose size changes, a
    weight's that is none of the input's or the output's.
    """
    others = {a for a, to in spec.output.items() if to not in spec.shapes}
    channels = {to for to in spec.output.values() if to not in spec.shapes}
    return [a for a in axes if a not in others | channels]
