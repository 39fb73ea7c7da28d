"""What a wrong array depends on: told by changing one tensor at a time and looking whether it follows.

For what has no other name. A right gradient follows the tensors that the true one follows, and is twice as
large for twice the gradient from behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from graders import cases
from graders.binding.plans import is_bias
from graders.cases import LayerCase
from graders.diagnosis.lessons import general
from graders.diagnosis.sights import close
from graders.kinds.layer.arrays import expected, lies_about, suspect
from graders.kinds.layer.checks import LayerChecks
from graders.kinds.layer.runs import Measured
from graders.misconceptions import Name
from graders.sandbox.session import Found, OutOfBudget
from graders.specs import ItemSpec

_UPSTREAM = Name("ignores-upstream", general.IGNORES_UPSTREAM)
_INPUT = Name("ignores-input", general.IGNORES_INPUT)
_WEIGHTS = Name("ignores-weights", general.IGNORES_WEIGHTS)
_BIAS = Name("ignores-bias", general.IGNORES_BIAS)
_NOT_LINEAR = Name("not-linear", general.NOT_LINEAR)


class Structure:
    """Runs a layer with one tensor changed."""

    def __init__(self, spec: ItemSpec, checks: LayerChecks, rng: np.random.Generator) -> None:
        self._spec, self._checks, self._rng = spec, checks, rng

    def names(self, facet: str) -> tuple[Name, ...]:
        """The first tensor that the array should follow and does not; then, if it isn't linear."""
        try:
            return self._names(facet)
        except OutOfBudget:
            return ()  # what else is known stands

    def _names(self, facet: str) -> tuple[Name, ...]:
        first = next((m for m in self._checks.fresh if facet not in m.matches), None)
        if first is None or facet not in ("forward", *self._spec.gradients):
            return ()
        before = self._meant(facet, first)
        if before is None:
            return ()
        for name, case in self._changed(first.case):
            truth, other = first.case.truth(facet).array, case.truth(facet).array
            if close(other, truth):
                continue  # it need not follow
            after = self._again(before, case)
            if after is None:
                return ()
            if np.array_equal(before.array, after, equal_nan=True):
                return (name,)
        return () if facet == "forward" or self._is_local() else self._linear(first.case, before)

    def _is_local(self) -> bool:
        """True if the notebook multiplies by the gradient from behind itself: then backward need not."""
        return self._checks.plan.multiplied or self._checks.plan.local

    def _linear(self, case: LayerCase, before: Found) -> tuple[Name, ...]:
        after = self._again(before, self._built(case, upstream=2 * case.upstream))
        if after is None or not np.all(np.isfinite(before.array)):
            return ()
        return () if close(after, 2 * before.array) else (_NOT_LINEAR,)

    def _meant(self, facet: str, measured: Measured) -> Found | None:
        """The array that is wrong: of a call that ran to its end."""
        if not measured.forward_ran or (facet != "forward" and not measured.backward_ran):
            return None
        if facet == "forward":
            return measured.y
        wanted = expected(self._checks.plan, facet, measured.case, None)
        found = suspect(facet, measured, wanted)
        # Of another size it may be another array, of which nothing is to be said.
        if found is None or not found.array.size == wanted.size > 1:
            return None
        return None if self._was_given(found, measured) else found

    def _was_given(self, found: Found, measured: Measured) -> bool:
        """True for what lies about: it says nothing of the gradient."""
        kept = self._checks.plan.places.values()
        placed = found.path[0] == "self" and any(found.path[1:] == place.path for place in kept)
        return placed or lies_about(found, measured)

    def _again(self, found: Found, case: LayerCase) -> np.ndarray | None:
        """The array of the same place for another case."""
        measured = self._checks.runs.measure(case)
        if found.path[0] == "y":
            return measured.y.array if measured.y is not None else None
        pool = (*measured.ret, *measured.after)
        arrays = [e.array for e in pool if e.path == found.path]
        return arrays[0] if arrays and arrays[0].shape == found.array.shape else None

    def _changed(self, case: LayerCase) -> Iterator[tuple[Name, LayerCase]]:
        other = cases.redraw(self._spec, case.sizes, self._rng)
        if not self._is_local():
            yield _UPSTREAM, self._built(case, upstream=other.upstream)
        yield _INPUT, self._built(case, x=other.x)
        for name in case.weights:
            weights = {**case.weights, name: other.weights[name]}
            yield _BIAS if is_bias(name) else _WEIGHTS, self._built(case, weights=weights)

    def _built(
        self,
        case: LayerCase,
        x: np.ndarray | None = None,
        weights: Mapping[str, np.ndarray] | None = None,
        upstream: np.ndarray | None = None,
    ) -> LayerCase:
        return cases.build(
            self._spec,
            case.sizes,
            case.x if x is None else x,
            case.weights if weights is None else weights,
            case.upstream if upstream is None else upstream,
            None,
        )
