"""Checks of softmax with cross-entropy: the probabilities or the loss, the gradient of the logits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graders.arrays.matching import Match
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.softmax.search import SoftmaxPlan, SoftmaxRun, SoftmaxSearch
from graders.messages import M
from graders.sandbox.session import Found
from graders.specs import ItemSpec


class SoftmaxChecks:
    """Judges a softmax class by the way it is called. `ran`: the cases, once they were run."""

    def __init__(self, spec: ItemSpec, search: SoftmaxSearch, plan: SoftmaxPlan) -> None:
        self._spec, self._search, self._plan = spec, search, plan
        prefix = "" if plan.definition.kind == "pair" else f"{plan.definition.name}."
        self._calls = [f"{prefix}{call}" for call in search.call(plan)]
        self.ran: list[SoftmaxRun] = []

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        plan, search = self._plan, self._search
        fresh = [search.run(plan, *search.draw()) for _ in range(self._spec.cases)]
        used = [search.run(plan, *search.draw(), warm=True) for _ in range(2)]
        self.ran = [*fresh, *used]
        for facet in self._spec.facets:
            if facet == "forward":
                yield self._forward()
            elif facet == "dX":
                yield self._backward()
            elif facet == "repeat":
                yield self._repeat()

    def _forward(self) -> CheckResult:
        what = M("The probabilities (the output of forward)")
        for run in self.ran:
            if run.found_forward:
                continue
            if run.stands["forward"].rivals:
                return model.ambiguous("forward", "forward", what, run.stands["forward"].rivals)
            if run.loss is not None:
                what = M("The loss (the output of forward)")
                return model.compare("forward", "forward", what, run.loss.actual, run.loss.expected)
            shown = [*run.stands["forward"].entries, *run.y]
            if not shown:
                if run.forward_ran:
                    return CheckResult("forward", "forward", model.FAILED, M(
                        "{call} returns nothing that is an array.", call=self._calls[0]))  # fmt: skip
                return self._raised("forward", self._calls[0], run)
            return model.compare("forward", "forward", what, shown[0].array, run.probabilities)
        elsewhere = self._elsewhere([run.forward for run in self.ran])
        if elsewhere:
            return model.ambiguous("forward", "forward", what, elsewhere)
        return model.passed("forward", "forward", M(
            "The output is right in {n} random cases.", n=len(self.ran)))  # fmt: skip

    def _backward(self) -> CheckResult:
        plan = self._plan
        what = M("The gradient of the logits (Z - Y)")
        if "U" in (plan.backward or ()):
            what = M("The gradient of the logits (the given one, carried back through softmax)")
        for run in self.ran:
            if run.found_backward:
                continue
            if not run.backward_ran and (plan.backward is not None or plan.together):
                return self._raised("dX", self._calls[not plan.together], run)
            if run.stands["dX"].rivals:
                return model.ambiguous("dX", "dX", what, run.stands["dX"].rivals)
            shown = [*run.stands["dX"].entries]
            if not plan.together:
                shown += [e for e in run.ret if e.array.shape == run.gradient.shape]
            if shown:
                return model.compare("dX", "dX", what, shown[0].array, run.gradient)
            if plan.backward is None:
                return model.told_plainly("dX", "dX", M(
                    "{name} has no method that computes gradients (backward).",
                    name=plan.definition.name))  # fmt: skip
            return model.told_plainly("dX", "dX", M(
                "{what} was not found: neither returned nor kept by the layer.", what=what))  # fmt: skip
        elsewhere = self._elsewhere([run.backward for run in self.ran])
        if elsewhere:
            return model.ambiguous("dX", "dX", what, elsewhere)
        return model.passed("dX", "dX", M(
            "{what} is right in {n} random cases.", what=what, n=len(self.ran)))  # fmt: skip

    @staticmethod
    def _raised(facet: str, call: str, run: SoftmaxRun) -> CheckResult:
        outcome = run.outcome
        return model.raised(facet, facet, call, outcome.error, outcome.timed_out, outcome.died)

    def _elsewhere(self, hits: Sequence[Match | None]) -> tuple[Found, ...]:
        """Where the answers of fresh instances stood, if not at one place throughout."""
        paths = dict.fromkeys(hit.path for hit in hits[: self._spec.cases] if hit is not None)
        if len(paths) < 2:
            return ()
        return tuple(Found(path, np.zeros(0), "array") for path in paths)

    def _repeat(self) -> CheckResult:
        arrays = {e.path: e.array for e in self._search.twice(self._plan).found}
        places = {e.path for stands in self.ran[0].stands.values() for e in stands.entries}
        kept = {(f"one:{head}", *rest) for head, *rest in places if head in ("self", "pre:self")}
        answered = any(path[0] in ("one:y", "one:ret") or path in kept for path in arrays)
        if not answered and not any(r.found_forward or r.found_backward for r in self.ran):
            return model.skipped("repeat", "repeat", M("Not checked: forward gives no output."))
        for path, array in arrays.items():
            head = str(path[0])
            if head in ("one:y", "one:ret") or path in kept:
                other = arrays.get((head.replace("one:", "two:"), *path[1:]))
                if other is not None and len(path) > 1 and _is_history(array, other):
                    continue
                if other is None or not (
                    other.shape == array.shape and np.allclose(other, array, equal_nan=True)
                ):
                    got = other if other is not None else np.zeros(0)
                    what = M("The output of a second, equal call")
                    return model.compare("repeat", "repeat", what, got, array)
        return model.passed("repeat", "repeat", M("The same call twice gives the same answer."))


def _is_history(before: np.ndarray, after: np.ndarray) -> bool:
    """True for a list of losses, returned beside the gradient, that grew by the same loss again."""
    if before.ndim != 1 or not 0 < before.size == after.size - 1:
        return False
    longer = np.append(before, before[-1])
    return after.shape == longer.shape and np.allclose(after, longer, equal_nan=True)
