"""Checks of an estimator that finds the directions along which rows are spread most: the coordinates of fitted rows and
of new ones are the reference's, each direction with either sign, the same for all rows.

Data are drawn so that no two variances are alike: there is one order of the directions, and no other choice of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.estimator.checks import asked, notes_of, rules_of
from graders.kinds.estimator.search import EstimatorPlan, EstimatorSearch, Fit, Fitted
from graders.messages import Bilingual, M
from graders.rounding import Sums, explained
from graders.sandbox.session import OutOfBudget
from graders.specs import ItemSpec
from graders.specs.tasks.estimator import Rows, drawn, settings_of

_CASES = 4
_FEW = 3  # rows that are asked by themselves
_CLOSE = 1e-7
_FACET = "transform"
_SHARES = re.compile(r"\w*(ratios?|share|evr|proportion|contribution)\w*|寄与率", re.I)
_EXPLAINED = re.compile(r"\w*expl\w*", re.I)
_VALUES = re.compile(r"_*((eig(en)?_?)(val\w*|v)|var(iance)?s?|lambdas?|固有値)_*", re.I)
_ADDED_UP = re.compile(r"\w*(cum|accum|total|sum)\w*|累積\w*", re.I)


@dataclass
class Cloud:
    """Rows, with what they are fitted, and what came of it."""

    settings: Mapping[str, float]
    rows: Rows
    fitted: Fitted | None = None

    @property
    def answers(self) -> np.ndarray | None:
        """The coordinates of all rows; None if they are no numbers, or as many for each row."""
        return None if self.fitted is None else _table(self.fitted.answers[0])

    def ruled(self, rule: Any) -> Any:
        """A rule, fitted to the rows."""
        one = rule(**self.settings)
        with np.errstate(all="ignore"):
            one.fit(self.rows.x)
        return one

    def expected(self, rule: Any) -> np.ndarray:
        """The coordinates by a rule, with the signs that are nearest to the answers."""
        with np.errstate(all="ignore"):
            found = np.asarray(self.ruled(rule).transform(asked(self.rows)))
        actual = self.answers
        if actual is None or actual.shape != found.shape:
            return found
        signs = np.where(np.sum(actual * found, axis=0) < 0, -1.0, 1.0)
        return np.asarray(found * signs)


class ComponentChecks:
    """Judges a class by the coordinates that it gives rows, and by the variances that it keeps."""

    def __init__(
        self, spec: ItemSpec, search: EstimatorSearch, plan: EstimatorPlan, rng: np.random.Generator
    ) -> None:
        self._spec, self._search, self.plan = spec, search, plan
        self._rules = rules_of(spec)
        self._clouds = [
            Cloud(settings_of(spec, rng, n), drawn(spec, n, rng)) for n in range(_CASES)
        ]
        self._again: Cloud | None = None
        self.notes: list[Bilingual] = []

    def fits(self) -> bool:
        """True if the first case alone is right."""
        self._run(self._clouds[:1])
        return self._rule(self._clouds[:1]) is not None

    def standing(self) -> tuple[bool, bool]:
        """If the first case was answered."""
        return True, self._clouds[0].answers is not None

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        try:
            self._run(self._clouds)
            if "repeat" in self._spec.facets:
                first = self._clouds[0]
                self._again = Cloud(first.settings, first.rows)
                other = (first.rows.new[:, ::-1] * 2 + 1, first.rows.truth)
                self._run([self._again], other)
        except OutOfBudget as spent:
            for facet in self._spec.facets:
                yield model.skipped(facet, facet, spent.reason)
            return
        judges = {
            _FACET: self._transform, "explained_variance": self._explained, "repeat": self._repeat,
        }  # fmt: skip
        for facet in self._spec.facets:
            yield judges[facet]()
        rule = self._rule(self._clouds)
        place = None if rule is None else self._rules.index(rule)
        self.notes += notes_of(self._spec, place)

    def explains(self, variant: Any, facet: str) -> bool:
        """True if a variant gives the same coordinates, or shares, in every case."""
        if facet == "explained_variance":
            return all(_shares_are_of(variant, cloud) for cloud in self._clouds)
        clouds = self._clouds if facet == _FACET else [c for c in [self._again] if c is not None]
        return bool(clouds) and all(_laid_by(variant, cloud) for cloud in clouds)

    # -- running -----------------------------------------------------------------------------

    def _run(
        self, clouds: Sequence[Cloud], before: tuple[np.ndarray, np.ndarray] | None = None
    ) -> None:
        fits = []
        for cloud in clouds:
            everything = asked(cloud.rows)
            asks = [(_FACET, rows) for rows in (everything, everything[-_FEW:], everything[-1:])]
            fits.append(Fit(cloud.settings, cloud.rows.x, cloud.rows.y, asks, before=before))
        for cloud, fitted in zip(clouds, self._search.run(self.plan, fits), strict=True):
            cloud.fitted = fitted

    def _rule(self, clouds: Sequence[Cloud]) -> Any:
        """The right form that lays all rows as the class does in every case; None if there is none."""
        return next((r for r in self._rules if all(_laid_by(r, c) for c in clouds)), None)

    # -- facets ------------------------------------------------------------------------------

    @property
    def _call(self) -> str:
        return f"{self.plan.definition.name}.{self.plan.answers[_FACET].name}(X)"

    def _transform(self) -> CheckResult:
        wrong = self._wrong(_FACET, self._clouds)
        return wrong or self._by_rows() or model.passed(_FACET, _FACET, M(
            "Rows get their coordinates along the directions of the largest variances, each by itself, in {n} sets of data.", n=len(self._clouds)))  # fmt: skip

    def _wrong(self, facet: str, clouds: Sequence[Cloud]) -> CheckResult | None:
        """Why the coordinates are not right; None if they are."""
        if self._rule(clouds) is not None:
            return None
        name = self.plan.definition.name
        for setting in self._spec.settings:
            if not self.plan.takes(setting):
                return CheckResult(facet, facet, model.FAILED, M(
                    "Neither the constructor of {name} nor its methods take the number of {setting}.",
                    name=name, setting=setting))  # fmt: skip
        what = M("What {call} gives for the fitted rows and new ones", call=self._call)
        for cloud in clouds:
            if cloud.answers is None:
                return self._silent(facet, cloud)
            if not _laid_by(self._rules[0], cloud):
                expected = cloud.expected(self._rules[0])
                return model.compare(facet, facet, what, cloud.answers, expected)
        return CheckResult(facet, facet, model.FAILED, M("The answers are not those of one and the same rule."))  # fmt: skip

    def _silent(self, facet: str, cloud: Cloud, rows: int = 0) -> CheckResult:
        """Why there are no coordinates of so many rows; 0: of all."""
        fitted = cloud.fitted
        assert fitted is not None
        if fitted.error is not None or fitted.timed_out or fitted.died:
            call = self._call if fitted.ran else f"{self.plan.definition.name}.{self.plan.fit.name}(X)"  # fmt: skip
            return model.raised(facet, facet, call, fitted.error, fitted.timed_out, fitted.died)
        return CheckResult(facet, facet, model.FAILED, M(
            "{call} does not give a row of numbers for each of {n} rows.",
            call=self._call, n=rows or len(asked(cloud.rows))))  # fmt: skip

    def _by_rows(self) -> CheckResult | None:
        """A row's coordinates are its own: the same among fewer others. None if they are."""
        for cloud in self._clouds:
            assert cloud.fitted is not None
            whole, *parts = (_table(a) for a in cloud.fitted.answers)
            assert whole is not None
            for part, rows in zip(parts, (_FEW, 1), strict=True):
                if part is None:
                    return self._silent(_FACET, cloud, rows)
                if explained(part, whole[-rows:], _CLOSE) is None:
                    what = M("What {call} answers for the same rows among fewer others", call=self._call)  # fmt: skip
                    return model.compare(_FACET, _FACET, what, part, whole[-rows:])
        return None

    def _explained(self) -> CheckResult:
        facet = "explained_variance"
        for cloud in self._clouds:
            shares, values = _kept(cloud)
            if not shares and not values:
                return CheckResult(facet, facet, model.FAILED, M(
                    "After fit the object of {name} keeps no array that is called explained_variance_ratio_ or explained_variance_.",
                    name=self.plan.definition.name))  # fmt: skip
        if self._shares_are_right(self._clouds):
            return model.passed(facet, facet, M("The variances that are kept are those of the directions, largest first."))  # fmt: skip
        return self._wrong_share(facet, self._clouds)

    def _shares_are_right(self, clouds: Sequence[Cloud]) -> bool:
        """True if all that is kept of variances is what one right form says, in every case."""
        return any(all(_shares_are_of(r, c) for c in clouds) for r in self._rules)

    def _wrong_share(self, facet: str, clouds: Sequence[Cloud]) -> CheckResult:
        for cloud in clouds:
            one = cloud.ruled(self._rules[0])
            for name, actual, is_share in _told(cloud):
                wanted = one.ratios() if is_share else one.variances()
                if not _begins(actual, _rights(one, is_share, len(cloud.rows.x))):
                    what = M("What is kept as {name}", name=name)
                    return model.compare(facet, facet, what, actual[: len(wanted)], wanted)
        return CheckResult(facet, facet, model.FAILED, M("The answers are not those of one and the same rule."))  # fmt: skip

    def _repeat(self) -> CheckResult:
        facet = "repeat"
        assert self._again is not None
        if self._rule(self._clouds) is None:
            return model.skipped(facet, facet, M("Not checked: the first fit is not right."))
        wrong = self._wrong(facet, [self._again])
        shared = "explained_variance" in self._spec.facets and self._shares_are_right(self._clouds)
        if wrong is None and shared and not self._shares_are_right([self._again]):
            wrong = self._wrong_share(facet, [self._again])
        return wrong or model.passed(facet, facet, M("A fit on other data is one on that data."))  # fmt: skip


def _table(answers: np.ndarray | None) -> np.ndarray | None:
    """Answers as numbers in rows; None if they are none."""
    if answers is None or answers.ndim != 2 or answers.dtype.kind not in "fiu":
        return None
    return answers.astype(np.float64)


def _laid_by(rule: Any, cloud: Cloud) -> bool:
    """True if all rows have the coordinates that a rule gives them, each direction with one sign."""
    actual, expected = cloud.answers, cloud.expected(rule)
    if actual is None or actual.shape != expected.shape:
        return False
    terms = Sums(len(cloud.rows.x))
    columns = zip(actual.T, expected.T, strict=True)
    return all(explained(a, e, _CLOSE, terms) is not None for a, e in columns)


def _kept(cloud: Cloud) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What the object keeps of shares and of variances, by name: one number for each direction, or for each feature."""
    lengths = {int(cloud.settings["components"]), cloud.rows.x.shape[1]}
    shares: dict[str, np.ndarray] = {}
    explained_: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    for entry in cloud.fitted.kept if cloud.fitted is not None else ():
        name = str(entry.path[-1])
        array = entry.array
        if len(entry.path) != 1 or array.dtype.kind not in "fiu" or array.size not in lengths:
            continue
        if _ADDED_UP.fullmatch(name):
            continue
        for pattern, found in ((_SHARES, shares), (_EXPLAINED, explained_), (_VALUES, values)):
            if pattern.fullmatch(name):
                found[name] = array.astype(np.float64).ravel()
                break
    return shares, explained_ if shares or explained_ else values


def _told(cloud: Cloud) -> Iterator[tuple[str, np.ndarray, bool]]:
    """What has to be right of it: name, numbers, and whether they are shares."""
    shares, values = _kept(cloud)
    for name, found in shares.items():
        yield name, found, True
    for name, found in values.items():
        yield name, found, False


def _rights(one: Any, is_share: bool, rows: int) -> list[np.ndarray]:
    """What may be told of the directions: shares; or variances, over the rows or over one less, or else shares."""
    if is_share:
        return [one.ratios()]
    return [one.variances(), one.variances() * (rows - 1) / rows, one.ratios()]


def _shares_are_of(rule: Any, cloud: Cloud) -> bool:
    """True if all that is told is what a rule says."""
    told = list(_told(cloud))
    one = cloud.ruled(rule)
    rows = len(cloud.rows.x)
    return bool(told) and all(_begins(a, _rights(one, s, rows)) for _, a, s in told)


def _begins(actual: np.ndarray, rights: Sequence[np.ndarray]) -> bool:
    """True if what is kept begins as one of those."""
    return any(explained(actual[: len(r)], np.asarray(r), _CLOSE) is not None for r in rights)
