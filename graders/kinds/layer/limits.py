"""Where a layer that is wrong in general is right: for one channel, square filters, the example.

These are measured facts: the layer is run on further inputs of such sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from graders import cases
from graders.diagnosis.lessons import general
from graders.diagnosis.naming import few
from graders.errors import SpecError
from graders.kinds.layer.checks import LayerChecks
from graders.kinds.layer.runs import Measured
from graders.misconceptions import Lesson, Name
from graders.sandbox.session import OutOfBudget
from graders.specs import ItemSpec

ENOUGH = 3  # inputs of the restricted sizes that must come out right
SECONDS = 2.0  # a slow layer is not asked any further

_Restriction = tuple[str, Lesson, Mapping[str, int], Mapping[str, str]]


class Limits:
    """Runs a layer where something about the sizes is special."""

    def __init__(self, spec: ItemSpec, checks: LayerChecks, rng: np.random.Generator) -> None:
        self._spec, self._checks, self._rng = spec, checks, rng
        self._runs: dict[str, list[Measured]] = {}
        self._seconds = checks.session.call_seconds

    def names(self, facet: str) -> tuple[Name, ...]:
        """The restriction under which the facet is right; two if both are enough by themselves."""
        if not any(facet not in m.matches for m in self._checks.fresh):
            return ()  # right at first: it is not the sizes that matter
        found: list[Name] = []
        for id_, lesson, sizes, ties in self._restrictions():
            if found and id_ in ("one-channel-each", "example-sizes", "filter-of-one"):
                continue  # that follows, or says less
            if id_ == "filter-of-one" and any(m.outcome.error for m in self._checks.fresh):
                continue  # where it raises, the exception says more
            if self._right(id_, sizes, ties, facet):
                found.append(Name(id_, lesson))
        return few(found)

    def ordinary(self) -> list[Measured]:
        """Further runs of ordinary sizes."""
        return self._measured("ordinary", {}, {})

    def example(self) -> list[Measured]:
        """Runs of the printed example's sizes."""
        for id_, _, sizes, ties in self._restrictions():
            if id_ == "example-sizes":
                return self._measured(id_, sizes, ties)
        return []

    def further(self) -> Iterator[Measured]:
        """More runs: of ordinary sizes, then with the filter of the printed example."""
        yield from self._measured("ordinary", {}, {})
        if "F" in self._spec.sizes and self._spec.documented:
            size = cases.documented(self._spec, self._spec.documented[0]).sizes["F"]
            yield from self._measured("example-filter", {"F": size}, {})
        yield from self._measured("ordinary again", {}, {}, 3 * ENOUGH)

    def peeled(self) -> Iterator[list[Measured]]:
        """Runs in which one axis has a single place: a mistake along it can't hide another."""
        for id_, _, sizes, ties in self._restrictions():
            if id_ in ("one-input-channel", "one-output-channel", "one-sample"):
                yield self._measured(id_, sizes, ties)

    def _restrictions(self) -> Iterator[_Restriction]:
        sizes, axes = self._spec.sizes, {a for w in self._spec.weights.values() for a in w.axes}

        def varies(*names: str) -> bool:
            return all(n in sizes and sizes[n][1] > max(1, sizes[n][0] - 1) and sizes[n] != (1, 1) for n in names)  # fmt: skip

        if "N" in sizes and sizes["N"][0] > 1:
            yield "one-sample", general.ONE_SAMPLE, {"N": 1}, {}
        if {"C", "O"} <= axes and varies("C", "O"):
            yield "one-input-channel", general.ONE_INPUT_CHANNEL, {"C": 1}, {}
            yield "one-output-channel", general.ONE_OUTPUT_CHANNEL, {"O": 1}, {}
            yield "channels-as-many", general.CHANNELS_AS_MANY, {}, {"O": "C"}
            yield "one-channel-each", general.ONE_CHANNEL_EACH, {"C": 1, "O": 1}, {}
        if sizes.get("P", (0, 0))[0] > 0:
            yield "no-padding", general.NO_PADDING, {"P": 0}, {}
        if sizes.get("S", (1, 1))[0] > 1:
            yield "stride-of-one", general.STRIDE_OF_ONE, {"S": 1}, {}
        if {"K", "J"} <= axes:
            yield "square-filters", general.SQUARE_FILTERS, {}, {"J": "K"}
        if {"H", "W"} <= sizes.keys():
            yield "square-images", general.SQUARE_IMAGES, {}, {"W": "H"}
        if {"H", "W", "D"} <= sizes.keys():
            yield "whole-windows", general.WHOLE_WINDOWS, {"H": 6, "W": 12, "D": 3}, {}
        if {"K", "J"} <= axes:
            yield "filter-of-one", general.FILTER_OF_ONE, {"K": 1, "J": 1}, {}
        elif "F" in axes:
            yield "filter-of-one", general.FILTER_OF_ONE, {"F": 1}, {}
        if self._spec.documented:
            case = cases.documented(self._spec, self._spec.documented[0])
            own = {n: case.sizes[n] for n in sizes}
            yield "example-sizes", general.EXAMPLE_SIZES, own, {}

    def _right(
        self, id_: str, sizes: Mapping[str, int], ties: Mapping[str, str], facet: str
    ) -> bool:
        runs = self._measured(id_, sizes, ties)
        return len(runs) == ENOUGH and all(facet in m.matches for m in runs)

    def _measured(
        self, id_: str, sizes: Mapping[str, int], ties: Mapping[str, str], count: int = ENOUGH
    ) -> list[Measured]:
        if id_ not in self._runs:
            self._runs[id_] = list(self._run(sizes, ties, count))
        return self._runs[id_]

    def _run(
        self, sizes: Mapping[str, int], ties: Mapping[str, str], count: int
    ) -> Iterator[Measured]:
        plan, session = self._checks.plan, self._checks.session
        if any(plan.fixed.get(n, v) != v for n, v in sizes.items()):
            return
        for _ in range(count):
            if session.call_seconds - self._seconds > SECONDS:
                return
            try:
                special = plan.with_(fixed={**plan.fixed, **sizes}, ties={**plan.ties, **ties})
                case = special.draw(self._spec, self._rng)
                measured = self._checks.runs.measure(case)
            except (SpecError, ValueError):
                return  # no such sizes, or not with the layout of this class
            except OutOfBudget:
                return  # what else is known of the mistake is told all the same
            yield measured
