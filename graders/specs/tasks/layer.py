"""What a layer's spec has to have: axes and sizes of its arrays, weights, a reference that takes them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Mapping

import numpy as np

from graders.specs.document import Document
from graders.specs.model import PARTS, ROLES, TEST, USUAL_WEIGHTS, ItemSpec, Pair
from graders.specs.references import check_config, found_reference
from graders.specs.sizes import drawn_sizes
from graders.specs.tasks.task import Place, Task
from graders.specs.tasks.testing import check_testing
from graders.spelling import nearest

MAX_ELEMENTS = 1_000_000  # of one array of a case
_BESIDES = ("forward", "shape", "repeat")  # facets besides its gradients


def _facets(item: ItemSpec) -> tuple[str, ...]:
    return (*item.gradients, *_BESIDES, *([TEST] if item.testing else []))


def _check(document: Document, item: ItemSpec) -> None:
    if not (item.reference and item.axes and item.output):
        raise document.error((), "a layer needs reference, input and output")
    for name in item.numbers:
        if name not in PARTS:
            raise document.error(("numbers", name), f"unknown name {name!r}{nearest(name, PARTS)}")
    _check_axes(document, item, {*item.sizes, *item.shapes})
    _check_lengths(document, item)
    if item.below and item.below not in {*item.sizes, *item.shapes}:
        reason = f"unknown size {item.below!r}{nearest(item.below, item.sizes)}"
        raise document.error(("input", "below"), reason)
    check_config(document, item)
    if item.testing is not None:
        check_testing(document, item, item.testing)
    _check_weights(document, item)
    for sizes in drawn_sizes(item):
        _check_elements(document, item, item.with_shapes(sizes))
    _check_signature(document, item)


def _check_axes(document: Document, item: ItemSpec, known: set[str]) -> None:
    for axis in item.axes:
        if axis not in known:
            raise document.error(("input", "axes"), f"unknown size {axis!r}{nearest(axis, known)}")
        if axis not in item.output:
            raise document.error(("output",), f"says nothing of the input's axis {axis!r}")
    for axis, other in item.output.items():
        if axis not in item.axes:
            raise document.error(
                ("output", axis), f"{axis!r} is no axis of the input{nearest(axis, item.axes)}"
            )
        if other and other not in known:
            raise document.error(("output", axis), f"unknown size {other!r}{nearest(other, known)}")
    largest = item.with_shapes({name: high for name, (_, high) in item.sizes.items()})
    for axis in filter(None, item.output.values()):
        if largest[axis] < 1:
            raise document.error(
                ("sizes",), f"even the largest sizes give no output ({axis} < 1); widen them"
            )


def _check_lengths(document: Document, item: ItemSpec) -> None:
    """That every axis of a layer's arrays can have a length."""
    for axis in (*item.axes, *(a for w in item.weights.values() for a in w.axes)):
        if item.sizes.get(axis, (1, 1))[1] < 1:
            raise document.error(("sizes", axis), "is 0 throughout; expected 1 or more")


def _check_weights(document: Document, item: ItemSpec) -> None:
    """That each weight is one that the lexicon knows, or says how it is called."""
    for name, weight in item.weights.items():
        if name not in USUAL_WEIGHTS and not weight.names:
            raise document.error(
                ("weights", name),
                f"unknown weight {name!r}{nearest(name, USUAL_WEIGHTS)}; "
                "one besides W and b needs 'names'",
            )
        if name in ROLES:
            raise document.error(("weights", name), f"{name!r} is the name of a role")
        if list(item.gradients).count(weight.gradient) > 1 or weight.gradient in _BESIDES:
            raise document.error(
                ("weights", name, "gradient"), f"{weight.gradient!r} is another facet already"
            )
    for facet in item.facets:
        needed = next((w for w, gradient in USUAL_WEIGHTS.items() if gradient == facet), None)
        if needed is not None and facet not in item.gradients:
            raise document.error(
                ("facets", facet),
                f"{facet!r} is the gradient of {needed!r}, which is no weight here; leave it out",
            )


def _check_elements(document: Document, item: ItemSpec, sizes: Mapping[str, int]) -> None:
    for what, axes in (
        ("the input", item.axes),
        ("the output", tuple(filter(None, item.output.values()))),
        *((name, w.axes) for name, w in item.weights.items()),
    ):
        count = math.prod(max(0, sizes[a]) for a in axes)
        if count > MAX_ELEMENTS:
            raise document.error(
                ("sizes",),
                f"{what} may have {count} numbers; at most {MAX_ELEMENTS} can be checked",
            )


def _check_signature(document: Document, item: ItemSpec) -> None:
    """That the reference takes what it is called with; nothing is called here."""
    found = found_reference(document, item.reference)
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*item.weights, **dict.fromkeys(item.config))
    except TypeError as error:
        weights = ", ".join(item.weights) or "nothing"
        raise document.error(
            ("reference",),
            f"{item.reference}{signature} can't be called with {weights} and config: {error}",
        ) from error


def _check_pair(document: Document, path: Place, item: ItemSpec, pair: Pair) -> None:
    for name, weight in item.weights.items():
        array = pair.given.get(name)
        if array is not None and array.ndim not in {len(x) for x in (weight.axes, *weight.layouts)}:
            raise document.error(
                (*path, "given", name),
                f"has {array.ndim} axes; expected {len(weight.axes)} ({', '.join(weight.axes)})",
            )
    _check_pair_sizes(document, path, item, pair)
    for facet in item.gradients:
        name = item.weight_of(facet) or "x"
        expected, given = pair.expected.get(facet), pair.given.get(name)
        if expected is not None and given is not None and expected.shape != given.shape:
            raise document.error(
                (*path, "expected", facet),
                f"has shape {expected.shape}, but {name} has {given.shape}",
            )


def _check_pair_sizes(
    document: Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> None:
    """That a pair's arrays agree on every size; a leading axis that is left out has size 1."""
    sizes: dict[str, int] = {name: low for name, (low, high) in item.sizes.items() if low == high}
    seen: dict[str, str] = {}

    def agree(where: tuple[str | int, ...], axes: Iterable[str], array: np.ndarray) -> None:
        names = list(axes)
        shape = (1,) * (len(names) - array.ndim) + array.shape
        if len(shape) != len(names):
            raise document.error(where, f"has {array.ndim} axes; expected at most {len(names)}")
        for axis, n in zip(names, shape, strict=True):
            if axis in seen and sizes[axis] != n:
                raise document.error(
                    where, f"has {axis} = {n}, but {seen[axis]} has {axis} = {sizes[axis]}"
                )
            sizes[axis], seen[axis] = n, str(where[-1])

    agree((*path, "given", "x"), item.axes, pair.given["x"])
    for name, weight in item.weights.items():
        agree((*path, "given", name), weight.axes, pair.given[name])
    complete = item.with_shapes({n: sizes.get(n, low) for n, (low, _) in item.sizes.items()})
    output = [complete[item.output[a]] for a in item.axes if item.output[a]]
    for key, array in (("upstream", pair.upstream), ("forward", pair.expected.get("forward"))):
        if array is None:
            continue
        where = (*path, "upstream") if key == "upstream" else (*path, "expected", key)
        if [n for n in array.shape if n != 1] != [n for n in output if n != 1]:
            raise document.error(where, f"has shape {array.shape}; expected {tuple(output)}")


TASK = Task(
    "a layer",
    keys=("misconceptions", "test", "input.scale", "input.below"),
    facets=_facets,
    check=_check,
    check_pair=_check_pair,
)
