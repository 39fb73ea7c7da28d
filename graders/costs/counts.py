"""Has a bound layer called in the student's process and counted: lines, functions, bytes."""

from __future__ import annotations

import re
import tracemalloc
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from graders import cases
from graders.binding.looping import lines_run
from graders.binding.plans import LayerPlan, Programmer, Wire, upstream_for
from graders.cases import LayerCase
from graders.costs.functions import public_name
from graders.costs.loops import ELSEWHERE
from graders.sandbox.session import Outcome, Session
from graders.specs import ItemSpec

What = Literal["lines", "functions", "bytes"]
_OURS = ("sgworker.", "builtins.")
_CELL = re.compile(r"<cell (\d{1,6})>")


@dataclass(frozen=True)
class Counts:
    """What one forward and one backward came to at some sizes.

    `lines`: how often each line (cell, line) ran. `complete`: False where a call failed, or where
    the counter was taken off meanwhile.
    """

    complete: bool
    lines: Mapping[tuple[int, int], int] = field(default_factory=dict)
    functions: Mapping[str, int] = field(default_factory=dict)
    peak: int = 0
    gone: bool = False  # the process ended, or did not answer in time
    reason: str = ""


class CallCounter:
    """Counts one answer."""

    def __init__(self, session: Session, spec: ItemSpec, plan: LayerPlan, seed: int) -> None:
        self._session, self._spec, self._plan, self._seed = session, spec, plan, seed

    def case(self, sizes: Mapping[str, int]) -> LayerCase:
        """The inputs at these sizes; the same in each call."""
        return cases.redraw(self._spec, sizes, np.random.default_rng(self._seed))

    def count(self, every: Sequence[LayerCase], what: What) -> list[Counts]:
        """Call forward, and backward where there is one, for each case, and have it counted.

        Raises:
            OutOfBudget: the calls of the submission have used up their budget.
        """
        found = self._together(every, what)
        if len(every) == 1 or all(counts.complete for counts in found):
            return found
        found = []  # at one of these sizes it fails: each by itself
        for case in every:
            found += self._together([case], what)
            if found[-1].gone:
                break
        return found + [found[-1]] * (len(every) - len(found))

    def _together(self, every: Sequence[LayerCase], what: What) -> list[Counts]:
        wire = Wire()
        for number, case in enumerate(every):
            programmer = Programmer(self._plan, case)
            programmer.wire = wire
            programmer.make().forward()
            wire.steps[-1]["count"] = [what, number]
            if self._plan.backward is not None:
                programmer.backward(upstream_for(self._plan, case))
                wire.steps[-1]["count"] = [what, number]
        outcome = self._session.run(wire.steps, wire.arrays, self._plan.as_of)
        return [_read(outcome, what, number) for number in range(len(every))]


def _read(outcome: Outcome, what: What, number: int) -> Counts:
    lines = lines_of(outcome, number) if what == "lines" else Counter()
    functions: Counter[str] = Counter()
    peak, held = 0, []
    for entry in outcome.found:
        if entry.path[:2] != (what, number):
            continue
        match entry.path[2:]:
            case ("held",) if entry.array.size == 1:
                held.append(bool(entry.array.ravel()[0]))
            case ("of", str(name)) if what == "functions" and entry.array.size == 1:
                if not name.startswith(_OURS):
                    functions[public_name(name)] += _whole(entry.array)
            case ("of", "peak") if entry.array.size == 1:
                peak = max(peak, _whole(entry.array))
    gone = outcome.timed_out or bool(outcome.died)
    reason = outcome.died or str(outcome.error or "")
    return Counts(outcome.ok and bool(held) and all(held), lines, functions, peak, gone, reason)


def lines_of(outcome: Outcome, number: int) -> Counter[tuple[int, int]]:
    """How often each line (cell, line) ran in the calls that were counted under a number."""
    lines: Counter[tuple[int, int]] = Counter()
    for file, rows in lines_run(outcome, number).items():
        cell = _CELL.fullmatch(file)
        for line, count in rows:
            lines[int(cell[1]) if cell else ELSEWHERE, line] += count
    return lines


def _whole(array: np.ndarray) -> int:
    value = float(array.ravel()[0].real)
    return int(value) if 0 <= value < 1e15 else 0


def peak_of_reference(case: LayerCase) -> int:
    """The most bytes that the reference holds at once for the same."""
    ours = not tracemalloc.is_tracing()
    if ours:
        tracemalloc.start(1)
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        cases.build(case.spec, case.sizes, case.x, case.weights, case.upstream, None)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if ours:
            tracemalloc.stop()
