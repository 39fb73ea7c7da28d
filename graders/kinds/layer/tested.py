"""What a layer gives in a test, after trainings: what it has kept of them decides.

How much of a statistic a training leaves as it was is an answer's own choice, and so is where it starts: both are
found from what the layer gives, and are right if the reference, made so, gives the same in every test.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from graders import cases
from graders.arrays import layouts
from graders.binding.candidates import methods_for
from graders.binding.definitions import Callable_
from graders.binding.modes import Mode, Told, modes
from graders.binding.plans import Argument, Call, LayerPlan, output_layout
from graders.binding.telling import Teller, told_in_call
from graders.cases import LayerCase
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.layer.runs import LayerRuns, Measured
from graders.messages import Bilingual, M, Message
from graders.misconceptions import Variant
from graders.rounding import explained
from graders.sandbox.session import Found, Outcome, Session
from graders.specs import ItemSpec, Keeping
from graders.specs.model import TEST

_TRAININGS = (1, 4)  # before the tests, an instance each
_WAYS = 6  # of telling the mode
_GRID, _NARROWED = 20, 40  # numbers that are tried, and by how many halvings the best is bettered
_SHRINK = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Series:
    """One instance: trainings, tests, and the first training once more. What came out is in the student's layout."""

    trainings: tuple[LayerCase, ...]
    tests: tuple[LayerCase, ...]
    found: tuple[np.ndarray | None, ...]  # of each test ...
    after: np.ndarray | None  # ... and of that training
    ended: bool  # it could be told, and all calls came back
    outcome: Outcome


@dataclass(frozen=True)
class Fit:
    """A way of keeping with the number for which it comes nearest to what was found; how far that is."""

    way: Keeping
    number: float
    distance: float


class Tests:
    """The trainings and tests of one layer."""

    def __init__(
        self,
        session: Session,
        spec: ItemSpec,
        runs: LayerRuns,
        first: Measured,
        rng: np.random.Generator,
    ) -> None:
        assert spec.testing is not None
        self._session, self._spec, self._testing = session, spec, spec.testing
        self._runs, self._plan, self._first, self._rng = runs, runs.plan, first, rng
        self.series: list[Series] = []
        self.notes: list[Bilingual] = []

    def check(self) -> CheckResult:
        """The verdict on the facet.

        Raises:
            OutOfBudget: the calls cost too much.
        """
        if self._first.y is None:
            return model.skipped(TEST, TEST, M("Not checked: forward gives no output."))
        best, told = 0, False
        for mode in itertools.islice(self._modes(), _WAYS):
            told = True
            series = [self._run(mode, count) for count in _TRAININGS]
            result = self._judged(series)
            score = 1 + sum(s.ended for s in series) + 4 * (result.status == model.PASSED)
            score += all(np.any(a != b) for s in series for a, b in self._changed(s))
            if score > best:
                best, self.series, verdict = score, series, result
            if result.status == model.PASSED:
                break
        if not told:
            name = self._plan.definition.name
            return model.skipped(TEST, TEST, M(
                "Not checked: it was not found how {name} is told that it is a test.", name=name))  # fmt: skip
        return verdict

    # -- running -------------------------------------------------------------------------

    def _modes(self) -> Iterator[Mode]:
        forward, _ = methods_for(self._spec, self._plan.definition)
        if forward is not None:
            yield from modes(self._plan.definition, forward)

    def _run(self, mode: Mode, count: int) -> Series:
        definition = self._plan.definition
        forward, _ = methods_for(self._spec, definition)
        plan = self._plan.with_(forward=told_in_call(forward, self._plan.forward, mode))
        tested = None
        if mode.told is Told.FORWARD:
            tested = _of_the_input(definition.methods[mode.name])
        sizes = itertools.cycle(
            self._runs.batch_sizes(self._first.case) or [self._first.case.sizes]
        )
        trainings = [self._case(next(sizes)) for _ in range(count)]
        tests = [self._case(next(sizes)) for _ in range(2)]
        programmer = Teller(plan, trainings[0], mode, tested)
        steps = programmer.wire.steps
        programmer.begin()
        for case in trainings:
            programmer.case = case
            programmer.forward(optional=True)
        began = len(steps)
        programmer.tell(False)
        for number, case in enumerate(tests):
            programmer.case = case
            programmer.forward(f"test{number}", optional=True)
        programmer.tell(True)
        programmer.case = trainings[0]
        programmer.forward("after", optional=True)
        ends = len(steps)
        programmer.end()
        outcome = programmer.run(self._session)
        if plan.lazy:  # its weights come to be in a first forward, which is a training, too
            trainings = [trainings[0], *trainings]
        found = [self._output(plan, outcome, f"test{i}", c) for i, c in enumerate(tests)]
        after = self._output(plan, outcome, "after", trainings[0])
        ended = outcome.outcomes[:ends] == (True,) * ends and began < ends
        return Series(tuple(trainings), tuple(tests), tuple(found), after, ended, outcome)

    def _case(self, sizes: Mapping[str, int]) -> LayerCase:
        """Each batch with means and spreads of its own, so that none stands for another."""
        spec, rng, first = self._spec, self._rng, self._first.case
        shape = [sizes[axis] for axis in spec.axes]
        across = [1, *shape[1:]]
        x = rng.standard_normal(shape) * rng.uniform(0.6, 1.4, across) + rng.standard_normal(across)
        return cases.build(spec, sizes, spec.input_scale * x, first.weights, None, rng)

    def _output(
        self, plan: LayerPlan, outcome: Outcome, label: str, case: LayerCase
    ) -> np.ndarray | None:
        assert self._first.y is not None
        shape = self._expected(case, case.forward).shape
        mine = [e for e in outcome.found if e.path[0] == label and e.array.shape == shape]
        place = self._first.y.path[1:]
        same: list[Found] = [e for e in mine if e.path[1:] == place]
        return next((e.array for e in (*same, *mine)), None)

    def _expected(self, case: LayerCase, array: np.ndarray) -> np.ndarray:
        """An output in the student's layout."""
        hit = self._first.matches.get("forward")
        layout = hit.layout if hit else output_layout(self._spec, self._plan.x_layout)
        return layouts.apply(layout, array, case.truth("forward").axes)

    # -- judging -------------------------------------------------------------------------

    def _changed(self, series: Series) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Each test's output beside that of a training on the same data."""
        for case, found in zip(series.tests, series.found, strict=True):
            if found is not None:
                yield found, self._expected(case, case.forward)

    def _judged(self, series: Sequence[Series]) -> CheckResult:
        what = M("The output in a test")
        self.notes = []
        call = self._plan.forward.name
        for one in series:
            if not one.ended:
                error = one.outcome
                return model.raised(TEST, TEST, f"{call}(...)", error.error, error.timed_out, error.died)  # fmt: skip
            if any(found is None for found in one.found):
                text = M("{call} gives nothing that has the input's shape.", call=f"{call}(...)")
                return model.told_plainly(TEST, TEST, text)
        variant = cases.resolve(self._spec.reference)
        fit = min(
            (self.fitted(variant, way, series) for way in self._testing.ways),
            key=lambda f: f.distance,
        )
        for one in series:
            predicted = self._predicted(variant, fit.way, fit.number, one)
            for case, found, right in zip(one.tests, one.found, predicted, strict=True):
                assert found is not None
                if not self._right(case, found, right):
                    compared = model.compare(TEST, TEST, what, found, right)
                    return model.framed(compared, partial(_after, len(one.trainings)))
            case = one.trainings[0]
            right = self._expected(case, case.forward)
            if "forward" in self._first.matches and (
                one.after is None or not self._right(case, one.after, right)
            ):
                return model.told_plainly(TEST, TEST, M(
                    "In a training after a test the output is not that of a training."))  # fmt: skip
        if fit.way.note is not None:
            self.notes.append(fit.way.note)
        return model.passed(TEST, TEST, M(
            "{what} is right in {n} random cases.", what=what, n=2 * len(series)))  # fmt: skip

    def _right(self, case: LayerCase, found: np.ndarray, right: np.ndarray) -> bool:
        sums = case.truth("forward").sums
        return explained(found, right, self._spec.tolerance, sums) is not None

    def explained_by(self, variant: Variant) -> bool:
        """True if a mistaken reference, made in one of the right ways, gives what was found in every test."""
        if not self.series or any(f is None for s in self.series for f in s.found):
            return False
        for way in self._testing.ways:
            fit = self.fitted(variant, way, self.series)
            if fit.distance > 100 * self._spec.tolerance:
                continue
            if all(
                self._right(case, found, right)
                for one in self.series
                for case, found, right in zip(
                    one.tests,
                    one.found,
                    self._predicted(variant, way, fit.number, one),
                    strict=True,
                )
                if found is not None
            ):
                return True
        return False

    def fitted(self, variant: Variant, way: Keeping, series: Sequence[Series]) -> Fit:
        """The number with which this way comes nearest to what was found: of several evenly between the bounds, in
        logits, the best, bettered by the golden section.
        """

        def distance(logit: float) -> float:
            return self._distance(variant, way, _number(logit), series)

        low, high = (math.log(n / (1 - n)) for n in self._testing.between)
        grid = [float(g) for g in np.linspace(low, high, _GRID)]
        far = [distance(logit) for logit in grid]
        best = int(np.argmin(far))
        left, right = grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)]
        if not math.isfinite(far[best]) or max(far) - min(far) < self._spec.tolerance / 10:
            return Fit(way, _number(grid[best]), far[best])  # the number makes no difference
        for _ in range(_NARROWED):
            width = _SHRINK * (right - left)
            if distance(right - width) < distance(left + width):
                right = left + width
            else:
                left = right - width
        number = _number((left + right) / 2)
        return Fit(way, number, self._distance(variant, way, number, series))

    def _distance(
        self, variant: Variant, way: Keeping, number: float, series: Sequence[Series]
    ) -> float:
        """Of the tests' outputs from what this way gives, norm-wise, the largest."""
        worst = 0.0
        for one in series:
            predicted = self._predicted(variant, way, number, one)
            for found, right in zip(one.found, predicted, strict=True):
                assert found is not None
                if right.shape != found.shape or not np.all(np.isfinite(right)):
                    return math.inf
                far = float(np.linalg.norm(found - right))
                worst = max(worst, far / max(float(np.linalg.norm(right)), 1e-12))
        return worst if math.isfinite(worst) else math.inf

    def _predicted(
        self, variant: Variant, way: Keeping, number: float, series: Series
    ) -> list[np.ndarray]:
        spec, first = self._spec, series.trainings[0]
        config = {name: formula(first.sizes) for name, formula in spec.config.items()}
        weights = [np.asarray(first.weights[n], dtype=np.float64) for n in spec.weights]
        settings = {**config, **way.settings, self._testing.number: number}
        with np.errstate(all="ignore"):
            layer = variant(*weights, **settings)
            for case in series.trainings:
                layer.forward(case.x)
            return [self._expected(c, layer.forward(c.x, training=False)) for c in series.tests]


def _after(trainings: int, reason: Message) -> Message:
    return M("After {n} trainings: {reason}", n=trainings, reason=reason)


def _number(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _of_the_input(method: Callable_) -> Call:
    """The call of a forward of its own for tests, which needs nothing but the input."""
    (parameter,) = method.required
    return Call(method.name, (Argument(parameter.name, "input", "", False),))
