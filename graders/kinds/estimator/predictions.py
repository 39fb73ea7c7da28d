"""Checks of an estimator whose answers are the only right ones: new rows get those of the reference, or of another form.

Data are drawn until few answers hang on a tie and each known mistake shows; rows whose answers a tie decides are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.cases import resolve
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.estimator.checks import (
    asked,
    by_rows,
    call_of,
    notes_of,
    numbers,
    questions,
    rules_of,
    unanswered,
)
from graders.kinds.estimator.search import EstimatorPlan, EstimatorSearch, Fit, Fitted
from graders.messages import Bilingual, M
from graders.rounding import explained
from graders.sandbox.session import OutOfBudget
from graders.specs import ItemSpec
from graders.specs.tasks.estimator import Rows, drawn, settings_of

_CASES = 3
_MORE = 80  # draws that are looked through for mistakes that do not show in these
_DRAWS = 100  # until one has few ties
_CLEAR = 0.9  # of the rows
_CHANCES = 6  # ways to decide the ties of a rule that can decide them by chance
_CLOSE = 1e-6
_HALVES = 30  # of the way from a row of one class to one of another
_TOLD_APART = 0.01  # between logarithms of probabilities
_OFF = (-2.3, -1.0)  # powers of ten, how far from a border, as a share of that way


@dataclass
class Case:
    """Data, what they are fitted with, and what came of it."""

    settings: Mapping[str, float]
    rows: Rows
    fitted: Fitted | None = None
    plain: dict[Any, np.ndarray] = field(default_factory=dict)  # answers by rule
    told: dict[Any, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)  # see `_of`

    @property
    def fitted_to(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and targets, and what is asked."""
        return self.rows.x, self.rows.y, asked(self.rows)

    def answered_by(self, rule: Any) -> np.ndarray:
        """What a rule answers, computed once."""
        if rule not in self.plain:
            self.plain[rule] = _answered(rule, self, *self.fitted_to)
        return self.plain[rule]


class PredictionChecks:
    """Judges a class by what it answers."""

    def __init__(
        self, spec: ItemSpec, search: EstimatorSearch, plan: EstimatorPlan, rng: np.random.Generator
    ) -> None:
        self._spec, self._search, self.plan = spec, search, plan
        self._rng, self._rules = rng, rules_of(spec)
        self._cases = [_clear(spec, self._rules[0], 0, rng)]  # which tells the way
        self._again: Case | None = None
        self.notes: list[Bilingual] = []

    def fits(self) -> bool:
        """True if the first case alone is right."""
        self._run(self._cases)
        return any(_agrees(rule, self._cases) for rule in self._rules)

    def standing(self) -> tuple[bool, bool]:
        """If the first case was answered."""
        fitted = self._cases[0].fitted
        return True, fitted is not None and numbers(fitted.answers[0]) is not None

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        self._cases = _telling(self._spec, self._rules[0], self._cases[0], self._rng)
        try:
            self._run(self._cases)
            if "repeat" in self._spec.facets:
                self._again = self._repeated()
        except OutOfBudget as spent:
            for facet in self._spec.facets:
                yield model.skipped(facet, facet, spent.reason)
            return
        judges = {"predict": self._predict, "repeat": self._repeat}
        for facet in self._spec.facets:
            yield judges[facet]()
        self.notes += notes_of(self._spec, self._form())

    def explains(self, variant: Any, facet: str) -> bool:
        """True if a variant answers the same in every case."""
        cases = self._cases if facet == "predict" else [c for c in [self._again] if c is not None]
        return bool(cases) and _agrees(variant, cases)

    # -- running -----------------------------------------------------------------------------

    def _run(self, cases: list[Case]) -> None:
        fits = [self._fit(case) for case in cases]
        for case, fitted in zip(cases, self._search.run(self.plan, fits), strict=True):
            case.fitted = fitted

    def _fit(self, case: Case, before: tuple[np.ndarray, np.ndarray] | None = None) -> Fit:
        rows = case.rows
        return Fit(case.settings, rows.x, rows.y, questions(rows), before=before)

    def _repeated(self) -> Case:
        """The first case after a fit on other rows, which lie where the asked ones do."""
        first = self._cases[0]
        rows = first.rows
        other = (rows.x[::-1][:-1] + 0.1, others(rows.y, self._spec)[:-1])
        (fitted,) = self._search.run(self.plan, [self._fit(first, other)])
        return Case(first.settings, rows, fitted)

    # -- facets ------------------------------------------------------------------------------

    def _form(self) -> int | None:
        """The first right form whose answers are the class's own in every case."""
        right = (n for n, rule in enumerate(self._rules) if _agrees(rule, self._cases))
        return next(right, None)

    def _predict(self) -> CheckResult:
        facet = "predict"
        for case in self._cases:
            if _answers(case) is None:
                assert case.fitted is not None
                return unanswered(facet, self.plan, case.fitted, len(asked(case.rows)))
        if self._form() is None:
            return self._wrong(facet, self._cases)
        return self._by_rows(facet) or model.passed(facet, facet, M(
            "New rows get the answers that follow from the fitted ones, each by itself, in {n} sets of data.", n=len(self._cases)))  # fmt: skip

    def _wrong(self, facet: str, cases: list[Case]) -> CheckResult:
        untold = [
            name for name, setting in self._spec.settings.items()
            if (setting.between or len(set(setting.choose)) > 1) and not self.plan.takes(name)
        ]  # fmt: skip
        if untold:
            return CheckResult(facet, facet, model.FAILED, M(
                "Neither the constructor of {name} nor its methods take the number of {setting}.",
                name=self.plan.definition.name, setting=untold[0]))  # fmt: skip
        what = M("What {call} answers for the fitted rows and new ones", call=call_of(self.plan))
        for case in cases:
            actual, expected = _compared(self._rules[0], case)
            if actual is None or explained(actual, expected, _CLOSE) is None:
                assert actual is not None
                return model.compare(facet, facet, what, actual, expected)
        return CheckResult(facet, facet, model.FAILED, M("The answers are not those of one and the same rule."))  # fmt: skip

    def _by_rows(self, facet: str) -> CheckResult | None:
        """A row's answer is its own, in every case. None if it is."""
        for case in self._cases:
            assert case.fitted is not None
            wrong = by_rows(facet, self.plan, case.fitted, _of(self._rules[0], case)[1])
            if wrong is not None:
                return wrong
        return None

    def _repeat(self) -> CheckResult:
        """A fit on other data is one on that data alone."""
        facet = "repeat"
        again = self._again
        assert again is not None and again.fitted is not None
        if self._form() is None:
            return model.skipped(facet, facet, M("Not checked: the first fit is not right."))
        if _answers(again) is None:
            return unanswered(facet, self.plan, again.fitted, len(asked(again.rows)))
        if any(_agrees(rule, [again]) for rule in self._rules):
            return model.passed(facet, facet, M("A fit on other data is one on that data."))
        return self._wrong(facet, [again])


def others(y: np.ndarray, spec: ItemSpec) -> np.ndarray:
    """Targets of a fit before: of groups other ones, as many of the first as there were of the last."""
    return y.max() + 1 - y if spec.targets is not None and spec.targets.grouped else y


def _telling(spec: ItemSpec, rule: Any, first: Case, rng: np.random.Generator) -> list[Case]:
    """Cases without ties: so many, and those of some more draws in which a known mistake shows that did not yet."""
    cases = [first, *(_clear(spec, rule, number, rng) for number in range(1, _CASES))]
    slips = [resolve(slip.variant) for slip in spec.slips]
    unseen = [v for v in slips if not any(_shows(v, rule, case) for case in cases)]
    for number in range(_CASES, _CASES + _MORE):
        if not unseen:
            break
        settings = settings_of(spec, rng, number)
        case = Case(settings, _asking(spec, rule, settings, number, rng))
        seen = [v for v in unseen if _shows(v, rule, case)]
        if seen:
            cases.append(case)
            unseen = [v for v in unseen if v not in seen]
    return cases


def _shows(variant: Any, rule: Any, case: Case) -> bool:
    """True if a mistaken variant answers a row otherwise than the rule, where that is sure."""
    theirs = _answered(variant, case, *case.fitted_to)
    if np.array_equal(theirs, case.answered_by(rule)):
        return False
    answers, sure = _of(rule, case)
    return not np.array_equal(theirs[sure], answers[sure])


def _clear(spec: ItemSpec, rule: Any, number: int, rng: np.random.Generator) -> Case:
    """A case in which few answers hang on a tie; the clearest that was drawn if there is none."""
    settings = settings_of(spec, rng, number)
    best: tuple[float, Case] | None = None
    for _ in range(_DRAWS):
        case = Case(settings, _asking(spec, rule, settings, number, rng))
        share = float(_of(rule, case)[1].mean())
        if best is None or share > best[0]:
            best = share, case
        if share >= _CLEAR:
            break
    assert best is not None
    return best[1]


def _asking(
    spec: ItemSpec, rule: Any, settings: Mapping[str, float], number: int, rng: np.random.Generator
) -> Rows:
    """Data of a case. Where a rule weighs its classes (``posteriors``) every right way has the same borders between
    them: half of the new rows lie near one, where a small mistake shows.
    """
    rows = drawn(spec, number, rng)
    if not hasattr(rule, "posteriors"):
        return rows
    one = rule(**settings)
    one.fit(rows.x, rows.y)
    half = len(rows.new) // 2
    start, end = rows.new[:half], rng.permutation(rows.new)[:half]
    here = one.predict(start)
    apart = here != one.predict(end)
    start, end, here = start[apart], end[apart], here[apart]
    low, high = np.zeros((len(start), 1)), np.ones((len(start), 1))
    for _ in range(_HALVES):
        middle = (low + high) / 2
        same = (one.predict(start + middle * (end - start)) == here)[:, None]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    off = rng.choice([-1.0, 1.0], low.shape) * 10 ** rng.uniform(*_OFF, low.shape)
    near = start + (low + off) * (end - start)
    return replace(rows, new=np.concatenate([near, rows.new[len(near) :]]))


def _of(rule: Any, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """What a rule answers, and for which rows that is sure: those whose answers are the same whatever the order of
    rows, features, values and classes is. Where it is not, a tie was decided by the order. What grows step by step
    has ties of its own in each, which a rule's ``by_chance`` decides in any way.
    """
    if rule in case.told:
        return case.told[rule]
    x, y, rows = case.fitted_to
    answers = case.answered_by(rule)
    total = y.max() + y.min()
    others = [
        _answered(rule, case, x[::-1], y[::-1], rows),
        _answered(rule, case, x[:, ::-1], y, rows[:, ::-1]),
        _answered(rule, case, -x, y, -rows),
        total - _answered(rule, case, x, total - y, rows),
    ]
    if hasattr(rule, "by_chance"):
        for seed in range(_CHANCES):
            ties = {"ties": np.random.default_rng(seed)}
            by_chance = type(rule.__name__, (rule.by_chance, rule), ties)
            others.append(_answered(by_chance, case, x, y, rows))
    sure = [np.isclose(other, answers, rtol=_CLOSE, atol=_CLOSE) for other in others]
    if hasattr(rule, "posteriors"):
        sure.append(_far_apart(rule, case))
    case.told[rule] = answers, np.all(sure, axis=0)
    return case.told[rule]


def _far_apart(rule: Any, case: Case) -> np.ndarray:
    """The rows whose two likeliest classes a constant that guards a variance does not change over, (M,)."""
    x, y, rows = case.fitted_to
    one = rule(**case.settings)
    one.fit(x, y)
    ordered = np.sort(one.posteriors(rows), axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2] > _TOLD_APART)


def _answered(rule: Any, case: Case, x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> np.ndarray:
    one = rule(**case.settings)
    with np.errstate(all="ignore"):
        one.fit(x, y)
        return np.asarray(one.predict(rows), dtype=np.float64)


def _answers(case: Case) -> np.ndarray | None:
    return None if case.fitted is None else numbers(case.fitted.answers[0])


def _compared(rule: Any, case: Case) -> tuple[np.ndarray | None, np.ndarray]:
    """The answers of the class and of a rule, where they are sure."""
    expected, sure = _of(rule, case)
    actual = _answers(case)
    return None if actual is None else actual[sure], expected[sure]


def _agrees(rule: Any, cases: list[Case]) -> bool:
    """True if all cases are answered as by a rule; the same answer for all rows is nobody's."""
    for case in cases:
        actual, expected = _compared(rule, case)
        if actual is None or not np.ptp(actual) or explained(actual, expected, _CLOSE) is None:
            return False
    return True
