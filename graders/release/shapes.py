"""The shapes of what an item takes and gives, as hand-outs write them: ``(C, L)``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from graders.specs import ItemSpec

_BY_ONE = re.compile(r"floor\(\(([^()]+)\) / 1\)")
_NUMERATOR = r"\1"


def shape(sides: Iterable[Sequence[str]]) -> str:
    """A shape of named sides: ``(N, C*H*W)``, ``(L,)``, ``()``."""
    named = ["*".join(side) if side else "1" for side in sides]
    return f"({', '.join(named)}{',' if len(named) == 1 else ''})"


def layout_of(spec: ItemSpec) -> str:
    """The first layout of a layer's input that has every axis of more than one element."""
    needed = {a for a in spec.axes if spec.sizes.get(a, (2, 2))[1] != 1}
    return next((x for x in spec.layouts if needed <= set(x)), spec.layouts[0])


def input_shape(spec: ItemSpec) -> str:
    """The shape of a layer's input."""
    return shape(layout_of(spec))


def output_shape(spec: ItemSpec) -> str:
    """The shape of a layer's output."""
    if spec.output_layout:
        return shape(spec.output_layout)
    return shape(other for a in layout_of(spec) if (other := spec.output.get(a, a)))


def weight_shapes(spec: ItemSpec) -> dict[str, str]:
    """The shape of each of a layer's weights."""
    return {name: shape(w.layouts[0]) for name, w in spec.weights.items()}


def rules(spec: ItemSpec, explained: Iterable[str]) -> list[str]:
    """The formulas of sizes in which every letter is explained: ``Y = floor((H - D) / D) + 1``."""
    known = set(explained)
    found = []
    for name, formula in spec.shapes.items():
        if set(re.findall(r"\b[A-Z]\b", formula.text)) <= known and spec.twin(name) == name:
            found.append(f"{name} = {_BY_ONE.sub(_NUMERATOR, formula.text)}")
    return found
