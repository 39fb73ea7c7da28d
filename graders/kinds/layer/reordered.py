"""Whether a wrong array is the right one for a tensor whose numbers were laid out in another order.

`reshape` in the place of `transpose` is the mistake behind it: a filter of (O, C, F) that is reshaped to
(C, O, F) has the right shape, and its numbers in other places. What a layer makes of the reordered tensor
is computed by the reference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import numpy as np

from graders import cases
from graders.binding.plans import is_bias
from graders.cases import LayerCase
from graders.diagnosis.deciding import Hypothesis
from graders.diagnosis.lessons import general
from graders.diagnosis.sights import NOTHING, Sight, Tokens, fits
from graders.misconceptions import Lesson, Name
from graders.specs import ItemSpec

_LESSONS: dict[str, tuple[str, Lesson]] = {
    "upstream": ("upstream-reordered", general.UPSTREAM_REORDERED),
    "x": ("input-reordered", general.INPUT_REORDERED),
}
_WEIGHTS = "weights-reordered", general.WEIGHTS_REORDERED
_MOST_AXES = 4
_STORED: dict[int, tuple[tuple[int, ...], ...]] = {
    # Of four axes the orders in which they are kept: channels exchanged, last, and filters last.
    4: ((0, 1, 2, 3), (1, 0, 2, 3), (0, 2, 3, 1), (2, 3, 1, 0)),
}

_Step = tuple[tuple[int, ...], tuple[int, ...]]
_Order = tuple[_Step, ...]
_TWICE = 3  # axes of which two reshapes, one after the other, are thought of


def reorderings(spec: ItemSpec) -> Iterator[Hypothesis]:
    """One hypothesis a tensor that a layer's arrays are made from."""
    made = _Made()
    for tensor in ("upstream", *(n for n in spec.weights if not is_bias(n)), "x"):
        name = Name(*_LESSONS.get(tensor, _WEIGHTS))
        yield Hypothesis(name, partial(made.explain, tensor), anywhere=True)


class _Made:
    """What the reference makes of cases with one tensor reordered; each is computed once."""

    def __init__(self) -> None:
        self._cases: dict[tuple[int, str, frozenset[_Order]], dict[_Order, LayerCase]] = {}
        self._kept: list[LayerCase] = []  # so that no id is used again
        self._held: dict[tuple[str, str], set[_Order]] = {}  # what explained a case of a facet

    def explain(self, tensor: str, sight: Sight, array: np.ndarray) -> Tokens:
        """The orders of the tensor with which the array is right."""
        if (tensor == "upstream" and sight.facet == "forward") or sight.facet in (
            "shape",
            "repeat",
        ):
            return NOTHING
        n = sight.case.sizes.get("N", 1)
        factors = [("1", 1.0), ("1/N", 1.0 / n)] if sight.case.spec.weight_of(sight.facet) else [("1", 1.0)]  # fmt: skip
        tokens = set[object]()
        held = self._held.setdefault((tensor, sight.facet), set())
        for order, case in self._of(tensor, sight.case, frozenset(held)).items():
            found = fits(array, case.truth(sight.facet), sight.wanted, factors)
            tokens |= {(order, factor) for factor in found}
            if found:
                held.add(order)
        return frozenset(tokens)

    def _of(self, tensor: str, case: LayerCase, held: frozenset[_Order]) -> dict[_Order, LayerCase]:
        """The cases by order: of those that explained an earlier one, or of all at first."""
        key = id(case), tensor, held
        if key not in self._cases:
            self._kept.append(case)
            self._cases[key] = dict(_built(tensor, case, held))
        return self._cases[key]


def _built(
    tensor: str, case: LayerCase, held: frozenset[_Order]
) -> Iterator[tuple[_Order, LayerCase]]:
    given = {"x": case.x, "upstream": case.upstream}.get(tensor)
    array = case.weights[tensor] if given is None else given
    places = np.arange(array.size).reshape(array.shape)
    seen = {places.tobytes()}
    for order in held or _orders(array.ndim):
        moved = _reordered(places, order)
        if moved.tobytes() in seen:
            continue
        seen.add(moved.tobytes())
        new = array.ravel()[moved]
        yield (
            order,
            cases.build(
                case.spec,
                case.sizes,
                new if tensor == "x" else case.x,
                {**case.weights, tensor: new} if given is None else case.weights,
                new if tensor == "upstream" else case.upstream,
                None,
            ),
        )


def _orders(axes: int) -> Iterator[_Order]:
    """How it is kept, and how the student's shape lists its axes; of few axes also twice."""
    if not 1 < axes <= _MOST_AXES:
        return
    kept = _STORED.get(axes) or tuple(itertools.permutations(range(axes)))
    steps = list(itertools.product(kept, itertools.permutations(range(axes))))
    yield from ((step,) for step in steps)
    if axes <= _TWICE:
        yield from itertools.product(steps, repeat=2)


def _reordered(array: np.ndarray, order: _Order) -> np.ndarray:
    """The array kept in one order of its axes and reshaped to another, as if that were its own."""
    for kept, named in order:
        shape = [array.shape[axis] for axis in named]
        array = array.transpose(kept).reshape(shape).transpose(np.argsort(named))
    return array
