"""Counts an answer at sizes that grow one axis at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graders.binding.plans import LayerPlan
from graders.cases import LayerCase
from graders.costs.counts import CallCounter, Counts, What, peak_of_reference
from graders.costs.loops import Lines, loops_that_grow
from graders.costs.model import Growth, ItemCost
from graders.costs.rewrites import rewrite_for
from graders.costs.sizes import axes_to_grow, derived, grown, held_by, smallest
from graders.errors import SpecError
from graders.sandbox.session import Session
from graders.specs import ItemSpec

FACTOR = 2  # by which an axis grows, for the orders
THIRD = 3  # and once more, for the drawing
_FEW_LINES = 1000  # run at the smallest sizes: the third size is counted, too
_FACTORS = ((1, 8, 16), (1, 4, 8), (1, 2, 4))  # for memory, the largest that is affordable
_MANY_LINES = 6000  # what the largest sizes may come to
_ELEMENTS = 128  # of the input, from which memory grows
_NOISE = 600  # bytes that Python's own objects come to
_SHARE = 0.1


class Uncounted(Exception):
    """Why an answer could not be counted. `gone`: its process ended over it."""

    def __init__(self, reason: str, gone: bool) -> None:
        super().__init__(reason)
        self.gone = gone


@dataclass
class _Answer:
    session: Session
    spec: ItemSpec
    plan: LayerPlan
    counter: CallCounter
    base: dict[str, int]

    def once(self, what: What) -> Counts:
        """What is counted at the smallest sizes."""
        return _complete(self.counter.count([self.counter.case(self.base)], what)[0])


def cost_of_answer(session: Session, spec: ItemSpec, plan: LayerPlan, seed: int) -> ItemCost:
    """What the answer costs.

    Raises:
        Uncounted: it can't be called at other sizes, or takes the counter off.
        OutOfBudget: the calls of the submission have used up their budget.
    """
    base = smallest(spec, plan)
    if base is None:
        raise Uncounted("", False)
    answer = _Answer(session, spec, plan, CallCounter(session, spec, plan, seed), base)
    try:
        try:
            first = answer.once("lines").lines
        except Uncounted as error:
            if error.gone or plan.backward is None:
                raise
            plan = plan.with_(backward=None)  # it raises: forward alone
            answer = _Answer(session, spec, plan, CallCounter(session, spec, plan, seed), base)
            first = answer.once("lines").lines
        total = sum(first.values())
        work, doubled, unseen = _work(answer, first)
        loops = loops_that_grow(session.submission, first, doubled, FACTOR)
        orders = {axis: max([0, *(lo.orders.get(axis, 0) for lo in loops)]) for axis in doubled}
        work = [Growth(g.axis, orders[g.axis], g.sizes, g.values) for g in work]
        functions = answer.once("functions")
        memory, share = _memory(answer, total, orders)
    except SpecError as error:
        raise Uncounted(str(error), False) from error
    return ItemCost(
        tuple(work), tuple(memory), (*held_by(spec, plan), *unseen), loops, functions.functions, share,
        rewrite_for(spec, loops[0]) if loops else None,
    )  # fmt: skip


def _complete(counts: Counts) -> Counts:
    if not counts.complete:
        raise Uncounted(counts.reason, counts.gone)
    return counts


def _work(answer: _Answer, first: Lines) -> tuple[list[Growth], dict[str, Lines], list[str]]:
    """How many lines run, and which, when each axis grows; the axes that can't."""
    total = sum(first.values())
    factors = (FACTOR, THIRD) if total <= _FEW_LINES else (FACTOR,)
    asked: list[tuple[str, int, dict[str, int]]] = []
    for axis in axes_to_grow(answer.spec, answer.plan):
        for factor in factors:
            larger = grown(answer.spec, answer.plan, answer.base, axis, factor)
            if larger is not None:
                asked.append((axis, factor, larger))
    found = answer.counter.count([answer.counter.case(sizes) for _, _, sizes in asked], "lines")
    gone = next((counts for counts in found if counts.gone), None)
    if gone is not None:
        raise Uncounted(gone.reason, True)
    drawn = {a: ([_length(answer, answer.base, a)], [total]) for a, _, _ in asked}
    doubled: dict[str, Lines] = {}
    for (axis, factor, larger), counts in zip(asked, found, strict=True):
        if counts.complete:
            drawn[axis][0].append(_length(answer, larger, axis))
            drawn[axis][1].append(sum(counts.lines.values()))
            if factor == FACTOR:
                doubled[axis] = counts.lines
    work = [Growth(a, 0, tuple(drawn[a][0]), tuple(drawn[a][1])) for a in doubled]
    unseen = [a for a in axes_to_grow(answer.spec, answer.plan) if a not in doubled]
    return work, doubled, unseen


def _length(answer: _Answer, sizes: Mapping[str, int], axis: str) -> int:
    """How long an axis is: of one that windows go along, how many windows there are."""
    return answer.spec.with_shapes(sizes)[derived(answer.spec, axis) or axis]


def _memory(
    answer: _Answer, total: int, orders: Mapping[str, int]
) -> tuple[list[Growth], float | None]:
    """How the peak grows with each axis of the input; the largest one by the bytes given."""
    spec, plan = answer.spec, answer.plan
    free = axes_to_grow(spec, plan)
    base = dict(answer.base)
    plain = [axis for axis in spec.axes if axis in free and derived(spec, axis) is None]
    more = 1
    while plain and math.prod(base[a] for a in spec.axes) < _ELEMENTS:
        axis = min(plain, key=lambda a: base[a])
        base[axis] *= 2
        base.update({name: base[other] for name, other in plan.ties.items() if other in base})
        more *= 2 ** orders.get(axis, 0)
    asked: list[tuple[str, tuple[int, ...]]] = []
    sizes = [base]
    for axis in (a for a in spec.axes if a in free):
        factors = _affordable(total * more, orders.get(axis, 0))
        larger = [grown(spec, plan, base, axis, factor) for factor in (factors or ())[1:]]
        possible = [one for one in larger if one is not None]
        if factors is not None and len(possible) == len(larger):
            asked.append((axis, factors))
            sizes += possible
    if not asked:
        return [], None
    every = [answer.counter.case(one) for one in sizes]
    peaks = [_complete(counts).peak for counts in answer.counter.count(every, "bytes")]
    references = [peak_of_reference(case) for case in every]
    found = []
    for number, (axis, factors) in enumerate(asked):
        places = (0, 2 * number + 1, 2 * number + 2)
        mine = tuple(peaks[i] for i in places)
        lengths = tuple(_length(answer, sizes[i], axis) for i in places)
        ours = tuple(references[i] for i in places)
        found.append(Growth(axis, memory_order(factors, mine), lengths, mine, ours))
    given = [_bytes_given(case) for case in every]
    largest = given.index(max(given))
    return found, round(peaks[largest] / given[largest], 2)


def _affordable(lines: int, order: int) -> tuple[int, ...] | None:
    """The factors that memory is looked at with, by the lines that would run; None: too many."""
    return next((f for f in _FACTORS if lines * f[-1] ** order <= _MANY_LINES), None)


def _bytes_given(case: LayerCase) -> int:
    return case.x.nbytes + case.upstream.nbytes + sum(w.nbytes for w in case.weights.values())


def memory_order(factors: tuple[int, ...], peaks: Sequence[int]) -> int:
    """By which power of a size the peak grows, from the two largest sizes.

    A peak is the larger one of forward's and backward's, with what is there in any case: as long as all
    of them grow no faster than the size, it can't grow by more than the size does.
    """
    _, middle, large = factors
    low, between, high = peaks
    if high - low < max(_NOISE, _SHARE * low):
        return 0
    return max(1, round(math.log(high / between) / math.log(large / middle)))
