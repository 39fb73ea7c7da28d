"""Checks of a loss: its value, the derivative of just that value, and the same call twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.loss.search import LossPlan, LossRun, LossSearch, Reading
from graders.messages import Bilingual, M
from graders.rounding import relative_error
from graders.specs import ItemSpec

_SAID = {
    "mean": M("the mean of all single losses"),
    "batch": M("the sum of all single losses, divided by the number of samples"),
    "sum": M("the sum of all single losses"),
    "each": M("each single loss by itself"),
    "rows": M("the mean of each sample's losses"),
}


class LossChecks:
    """Judges a loss by the way it is called. `ran`: the cases, once they were run."""

    def __init__(self, spec: ItemSpec, search: LossSearch, plan: LossPlan) -> None:
        self._spec, self._search, self._plan = spec, search, plan
        prefix = "" if plan.definition.kind == "pair" else f"{plan.definition.name}."
        self._calls = [f"{prefix}{call}" for call in search.call(plan)]
        self.ran: list[LossRun] = []
        self.notes: list[Bilingual] = []

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        search, plan = self._search, self._plan
        self.ran = [
            search.loss_run(plan, search.draw_for(plan, n)) for n in range(self._spec.cases)
        ]
        self.ran += [
            search.loss_run(plan, search.draw_for(plan, n), search.draw_for(plan, n + 1))
            for n in range(2)
        ]
        reading, slope = self._settled()
        self._tell(reading)
        for facet in self._spec.facets:
            if facet == "forward":
                yield self._forward(reading)
            elif facet == "dX":
                yield self._backward(reading, slope)
            elif facet == "repeat":
                yield self._repeat()

    def _settled(self) -> tuple[int | None, tuple[int, str] | None]:
        """The reading under which the value is right in all cases, and that of the derivative: one that belongs to the
        value's; where the value is right in none, any that is the same throughout.
        """
        values = frozenset.intersection(*(r.values for r in self.ran))
        slopes = frozenset.intersection(*(r.slopes for r in self.ran))
        both = sorted(s for s in slopes if s[0] in values)
        if both:
            return both[0][0], both[0]
        value = min(values, default=None)
        return value, None if value is not None else min(slopes, default=None)

    def _tell(self, reading: int | None) -> None:
        if reading is None:
            return
        right = self.ran[0].readings[reading]
        note = self._search.forms[right.form].note
        if note is not None:
            self.notes.append(note)
        self.notes.append(_SAID[right.reduction])
        if self._plan.numbered:
            self.notes.append(M("labels as the numbers of the classes, (N,)"))
        if self._plan.layout:
            self.notes.append(M("works for one output a sample alone"))

    def _forward(self, reading: int | None) -> CheckResult:
        what = M("The loss (the output of forward)")
        if reading is not None:
            return model.passed("forward", "forward", M(
                "The output is right in {n} random cases.", n=len(self.ran)))  # fmt: skip
        run = next((r for r in self.ran if not r.values), self.ran[0])
        if run.value.rivals:
            return model.ambiguous("forward", "forward", what, run.value.rivals)
        if not run.value.entries:
            if run.forward_ran:
                return CheckResult("forward", "forward", model.FAILED, M(
                    "{call} returns nothing that is a loss.", call=self._calls[0]))  # fmt: skip
            return self._raised("forward", self._calls[0], run)
        actual = run.value.entries[0].array
        right = _nearest([r.value for r in run.readings], actual)
        if actual.size == right.size:
            actual = actual.reshape(right.shape)
        return model.compare("forward", "forward", what, actual, right)

    def _backward(self, reading: int | None, slope: tuple[int, str] | None) -> CheckResult:
        what = M("The derivative of the loss")
        plan = self._plan
        if slope is not None:
            return model.passed("dX", "dX", M(
                "{what} is right in {n} random cases.", what=what, n=len(self.ran)))  # fmt: skip
        for run in self.ran:
            mine = run.readings if reading is None else [run.readings[reading]]
            if not run.backward_ran and (plan.backward is not None or plan.together):
                return self._raised("dX", self._calls[not plan.together], run)
            if run.slope.rivals:
                return model.ambiguous("dX", "dX", what, run.slope.rivals)
            if not run.slope.entries:
                continue
            if any(n == reading for n, _ in run.slopes) and reading is not None:
                continue
            actual = run.slope.entries[0].array
            right = _nearest([_own(r) for r in mine], actual)
            shown = (
                actual.reshape(right.shape)
                if actual.size == right.size and 1 in right.shape
                else actual
            )
            return model.compare("dX", "dX", what, shown, right)
        if plan.backward is None and not plan.together:
            return model.told_plainly("dX", "dX", M(
                "{name} has no method that computes gradients (backward).", name=plan.definition.name))  # fmt: skip
        return model.told_plainly("dX", "dX", M(
            "{what} was not found: neither returned nor kept by the layer.", what=what))  # fmt: skip

    @staticmethod
    def _raised(facet: str, call: str, run: LossRun) -> CheckResult:
        outcome = run.outcome
        return model.raised(facet, facet, call, outcome.error, outcome.timed_out, outcome.died)

    def _repeat(self) -> CheckResult:
        arrays = {e.path: e.array for e in self._search.repeated(self._plan).found}
        first = {p: a for p, a in arrays.items() if p[0] in ("one:y", "one:ret")}
        if not first:
            return model.skipped("repeat", "repeat", M("Not checked: forward gives no output."))
        for (head, *rest), array in first.items():
            other = arrays.get((str(head).replace("one:", "two:"), *rest))
            if (
                other is None
                or other.shape != array.shape
                or not np.allclose(other, array, equal_nan=True)
            ):
                what = M("The output of a second, equal call")
                return model.compare(
                    "repeat", "repeat", what, np.zeros(0) if other is None else other, array
                )
        return model.passed("repeat", "repeat", M("The same call twice gives the same answer."))


def _own(reading: Reading) -> np.ndarray:
    """The derivative that belongs to the reading before all others."""
    return reading.slopes.get(reading.reduction, next(iter(reading.slopes.values())))


def _nearest(rights: list[np.ndarray], actual: np.ndarray) -> np.ndarray:
    """Of what would be right, what is nearest to what came out, among those of as many elements."""
    fitting = [r for r in rights if r.size == actual.size] or rights
    return min(
        fitting,
        key=lambda r: (
            relative_error(actual.reshape(r.shape), r) if r.size == actual.size else np.inf
        ),
    )
