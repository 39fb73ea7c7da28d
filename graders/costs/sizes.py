"""Sizes that grow one axis at a time, all that follows from the others held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graders.binding.plans import LayerPlan
from graders.formulas import FormulaError
from graders.specs import ItemSpec

OUTPUTS = {1: 4, 2: 3}  # how long an output's sides are at the smallest sizes, by their number
_SMALLEST = 2
_LETTERS = re.compile(r"\b[A-Z]\b")
_MOST = 4096


def settings(spec: ItemSpec) -> frozenset[str]:
    """Sizes that are no axis of anything: strides, paddings. A pooling window is one that grows."""
    named: dict[str, set[str]] = {}
    for role, formula in spec.roles.items():
        named.setdefault(formula.text, set()).add(role.partition("_")[0])
    axes = {a for w in spec.weights.values() for a in w.axes} | set(spec.axes)
    return frozenset(
        name
        for name in spec.sizes
        if name not in axes and named.get(name, set()) <= {"stride", "padding"}
    )


def axes_to_grow(spec: ItemSpec, plan: LayerPlan) -> list[str]:
    """The axes that the item lets grow and the answer does not fix."""
    return [name for name in _free(spec) if name not in plan.fixed and name not in plan.ties]


def held_by(spec: ItemSpec, plan: LayerPlan) -> list[str]:
    """Axes that the item lets grow and the answer has as a constant."""
    return [name for name in _free(spec) if name in plan.fixed]


def _free(spec: ItemSpec) -> Iterator[str]:
    apart = settings(spec)
    for name, (low, high) in spec.sizes.items():
        if low < high and name not in apart:
            yield name


def derived(spec: ItemSpec, axis: str) -> str | None:
    """The output's axis that follows from an input's: M of L; None where it stays as it is."""
    for name, formula in spec.shapes.items():
        if axis in spec.axes and not formula.text.isalpha() and axis in _letters(formula.text):
            return name
    return None


def _letters(text: str) -> set[str]:
    return set(_LETTERS.findall(text))


def smallest(spec: ItemSpec, plan: LayerPlan) -> dict[str, int] | None:
    """The sizes that growth starts from; None where none give an output."""
    sizes = {
        name: low if low == high or name in settings(spec) else max(_SMALLEST, min(low, 3))
        for name, (low, high) in spec.sizes.items()
    }
    sizes.update(plan.fixed)
    sides = _sides(spec)
    return _fitted(spec, plan, sizes, dict.fromkeys(sides, OUTPUTS.get(len(sides), 2)))


def grown(
    spec: ItemSpec, plan: LayerPlan, base: Mapping[str, int], axis: str, factor: int
) -> dict[str, int] | None:
    """The sizes with one axis so many times as long, the output's other sides as they were."""
    before = spec.with_shapes(base)
    sides = {name: before[name] for name in _sides(spec)}
    sizes = dict(base)
    made = derived(spec, axis)
    if made is None:
        sizes[axis] *= factor
    else:
        sides[made] *= factor
    return _fitted(spec, plan, sizes, sides)


def _sides(spec: ItemSpec) -> list[str]:
    """The output's sides that windows make."""
    return [n for n, formula in spec.shapes.items() if not formula.text.isalpha()]


def _fitted(
    spec: ItemSpec, plan: LayerPlan, sizes: dict[str, int], sides: Mapping[str, int]
) -> dict[str, int] | None:
    """The sizes with inputs just long enough for the output's sides."""
    for side in sides:
        for axis in spec.axes:
            if axis in _letters(spec.shapes[side].text) and not {axis} & plan.fixed.keys():
                sizes[axis] = 1
                while sizes[axis] < _MOST and _side(spec, plan, sizes, side) < sides[side]:
                    sizes[axis] += 1
    sizes.update({name: sizes[other] for name, other in plan.ties.items() if other in sizes})
    try:
        complete = spec.with_shapes(sizes)
    except FormulaError:
        return None
    return complete if all(complete[side] >= 1 for side in sides) else None


def _side(spec: ItemSpec, plan: LayerPlan, sizes: Mapping[str, int], side: str) -> int:
    tied = {name: sizes[other] for name, other in plan.ties.items() if other in sizes}
    try:
        return spec.with_shapes({**sizes, **tied})[side]
    except FormulaError:
        return 0
