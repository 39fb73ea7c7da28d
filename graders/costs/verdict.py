"""Whether what was counted is what the item, or the course, calls efficient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.checks import model
from graders.checks.model import CheckResult
from graders.costs.functions import first_of, lacking
from graders.costs.model import Growth, ItemCost, Loop
from graders.costs.rewrites import rewrite_for, word_of
from graders.messages import M, Message
from graders.specs import ItemSpec
from graders.specs.model import COST


@dataclass(frozen=True)
class Listed:
    """Words in a row, joined as each language does it."""

    words: tuple[Message | str, ...]

    def in_language(self, language: str) -> str:
        """The words in that language."""
        said = [
            w.in_language("ja" if language == "ja" else "en") if isinstance(w, Message) else w
            for w in self.words
        ]
        return ("、" if language == "ja" else ", ").join(said)


def check_of_cost(spec: ItemSpec, cost: ItemCost, written: Mapping[str, int]) -> CheckResult:
    """The check of the facet. `written`: functions that the answer's source names, seen to run or not."""
    wrong = next(_faults(spec, cost, written), None)
    if wrong is not None:
        return CheckResult(COST, COST, model.FAILED, wrong)
    asked = [axis for axis in spec.cost.loops if _grows(spec, axis)]
    missing = [a for a in asked if a not in cost.orders and a in cost.unseen]
    if missing:
        text = M(
            "Not counted: it takes inputs of one size alone along: {axes}.",
            axes=_axes(spec, missing),
        )
        return model.skipped(COST, COST, text)
    if not spec.cost.says:
        return CheckResult(COST, COST, model.SKIPPED, summary(spec, cost))
    return model.passed(COST, COST, summary(spec, cost))


def _grows(spec: ItemSpec, axis: str) -> bool:
    low, high = spec.sizes.get(axis, (1, 1))
    return low < high


def _axes(spec: ItemSpec, axes: Sequence[str]) -> Listed:
    words = {str(word): word for word in (word_of(spec, axis) for axis in axes)}
    return Listed(tuple(words.values()))


def summary(spec: ItemSpec, cost: ItemCost) -> Message:
    """What was counted, where nothing is wrong with it."""
    if not cost.loops:
        return M("No loop of Python's runs more often for larger inputs.")
    return M(
        "Python's loops run more often for more: {axes}. {innermost}",
        axes=_axes(spec, [g.axis for g in cost.work if g.order > 0]),
        innermost=innermost(cost.loops[0]),
    )


def innermost(loop: Loop) -> Message:
    """Where the innermost loop stands."""
    if loop.called:
        return M(
            "A function is called again and again: {place}: {text}.",
            place=loop.place,
            text=loop.text,
        )
    return M("The innermost loop: {place}: {text}.", place=loop.place, text=loop.text)


def _faults(spec: ItemSpec, cost: ItemCost, written: Mapping[str, int]) -> Iterator[Message]:
    asked = spec.cost
    over = [a for a, order in asked.loops.items() if cost.orders.get(a, 0) > order]
    if over:
        worst = next(loop for loop in cost.loops if any(a in loop.orders for a in over))
        yield M(
            "Python's loops run more often for more: {axes}. {innermost} {rewrite}",
            axes=_axes(spec, over),
            innermost=innermost(worst),
            rewrite=rewrite_for(spec, worst),
        )
    called = {**written, **cost.functions}
    barred = first_of(called, asked.forbidden)
    if barred is not None:
        yield M("It calls {name}, which answers may not call in this course.", name=barred)
    wanted = lacking(cost.functions, asked.required)
    if wanted is not None:
        yield M("It does not call {name}, as this course asks for.", name=wanted)
    yield from _memory_faults(spec, cost)


def _memory_faults(spec: ItemSpec, cost: ItemCost) -> Iterator[Message]:
    large: list[Growth] = [
        g for g in cost.memory if g.order > spec.cost.memory.get(g.axis, g.order)
    ]
    if large:
        yield M(
            "The memory that it takes grows too fast with: {axes}. Is there an array with that axis "
            "twice, or a copy for each sample?",
            axes=_axes(spec, [g.axis for g in large]),
        )
    share, most = cost.bytes_per_byte, spec.cost.bytes
    if share is not None and most is not None and share > most:
        yield M(
            "It takes up to {times} bytes at once for each byte that it is given; at most {most} are asked for.",
            times=f"{share:.3g}",
            most=f"{most:g}",
        )
