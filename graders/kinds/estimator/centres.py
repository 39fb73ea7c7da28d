"""Checks of an estimator that finds centres: after many iterations each row belongs to the nearest of them, and each
is the middle of its own rows, whatever the start was.

Where the object keeps its centres, each of their moves is laid beside the reference's, to tell what is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.binding.lexicon import lexicon
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.estimator.checks import (
    asked,
    by_rows,
    call_of,
    numbers,
    questions,
    rules_of,
    unanswered,
)
from graders.kinds.estimator.search import EstimatorPlan, EstimatorSearch, Fit, Fitted
from graders.messages import Bilingual, M
from graders.rounding import Sums, explained
from graders.sandbox.session import Found, OutOfBudget
from graders.specs import ItemSpec
from graders.specs.tasks.estimator import Rows, drawn, settings_of

_CASES = 6
_COUNTS = (1, 2, 3, 4)  # iterations
_MANY = 200
_USUAL = {"restarts": 1.0, "tolerance": 1e-9}
_CLOSE = 1e-7


@dataclass
class Clustering:
    """What came of a case: a fit for each number of iterations, the last one with many."""

    settings: Mapping[str, float]
    rows: Rows
    fits: Sequence[Fitted]

    @property
    def clusters(self) -> int:
        """How many centres were asked for."""
        return int(self.settings["clusters"])

    @property
    def answers(self) -> np.ndarray | None:
        """What they were answered in the end."""
        return numbers(self.fits[-1].answers[0])

    @property
    def labels(self) -> np.ndarray | None:
        """Of the fitted rows, from 0; None unless there are as many as there should be."""
        answers = self.answers
        if answers is None:
            return None
        values, labels = np.unique(answers[: len(self.rows.x)], return_inverse=True)
        return labels if len(values) == self.clusters else None

    def centres(self) -> list[np.ndarray]:
        """As they are kept after each number of iterations; none if they are not."""
        shape = (self.clusters, self.rows.x.shape[1])
        found = [_kept(fit.kept, shape) for fit in self.fits]
        return [c for c in found if c is not None] if all(c is not None for c in found) else []


class CentreChecks:
    """Judges a class by where its centres come to rest."""

    def __init__(
        self, spec: ItemSpec, search: EstimatorSearch, plan: EstimatorPlan, rng: np.random.Generator
    ) -> None:
        self._spec, self._search, self.plan = spec, search, plan
        self._rules = rules_of(spec)
        self._drawn = [(settings_of(spec, rng, n), drawn(spec, n, rng)) for n in range(_CASES)]
        self._ran: list[Clustering] = []
        self._again: Clustering | None = None
        self.notes: list[Bilingual] = []

    def fits(self) -> bool:
        """True if the first case alone is right."""
        self._ran = [self._run(*self._drawn[0])]
        return self._rule(self._ran) is not None

    def standing(self) -> tuple[bool, bool]:
        """If the first case was answered."""
        return True, any(found.answers is not None for found in self._ran)

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        try:
            self._ran = [self._run(*case) for case in self._drawn]
            if "repeat" in self._spec.facets:
                settings, rows = self._drawn[0]
                self._again = self._run(settings, rows, (rows.new[::-1] + 0.5, rows.truth))
        except OutOfBudget as spent:
            for facet in self._spec.facets:
                yield model.skipped(facet, facet, spent.reason)
            return
        judges = {"fit": self._fit, "predict": self._predict, "repeat": self._repeat}
        for facet in self._spec.facets:
            yield judges[facet]()

    def explains(self, variant: Any, facet: str) -> bool:
        """True if the centres move as a variant's do, or rest where a variant's would; for `predict`, if rows belong
        where a variant says.
        """
        with np.errstate(all="ignore"):
            if facet == "predict":
                return all(_belongs(variant, found) for found in self._ran)
            if all(found.centres() for found in self._ran):
                return all(_moves(variant, found) for found in self._ran)
            return all(_rests(variant, found) is None for found in self._ran)

    # -- running -----------------------------------------------------------------------------

    def _run(
        self,
        settings: Mapping[str, float],
        rows: Rows,
        before: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> Clustering:
        chosen = {**_USUAL, **settings}
        fits = [
            Fit({**chosen, "iterations": n}, rows.x, rows.y, questions(rows), before=before)
            for n in (*_COUNTS, _MANY)
        ]
        return Clustering(settings, rows, self._search.run(self.plan, fits))

    def _rule(self, ran: Sequence[Clustering]) -> Any:
        """The right form whose centres rest in every case; None if there is none."""
        right = (r for r in self._rules if all(_rests(r, found) is None for found in ran))
        return next(right, None)

    # -- facets ------------------------------------------------------------------------------

    def _fit(self) -> CheckResult:
        return self._resting("fit", self._ran) or model.passed("fit", "fit", M(
            "Each row belongs to the nearest centre, and each centre is in the middle of its rows, in {n} sets of data.", n=len(self._ran)))  # fmt: skip

    def _resting(self, facet: str, ran: Sequence[Clustering]) -> CheckResult | None:
        """Why the centres do not rest; None if they do."""
        if self._rule(ran) is not None:
            return None
        for found in ran:
            if found.answers is None:
                return unanswered(facet, self.plan, found.fits[-1], len(asked(found.rows)))
            if found.labels is None:
                fitted = found.answers[: len(found.rows.x)]
                return CheckResult(facet, facet, model.FAILED, M(
                    "{call} puts the fitted rows into {n} clusters; expected {k}.",
                    call=call_of(self.plan), n=len(np.unique(fitted)), k=found.clusters))  # fmt: skip
        return self._wrong_move(facet, ran) or self._unrest(facet, ran)

    def _wrong_move(self, facet: str, ran: Sequence[Clustering]) -> CheckResult | None:
        for found in ran:
            for actual, expected in _steps(self._rules[0], found):
                if explained(actual, expected, _CLOSE, Sums(len(found.rows.x))) is None:
                    what = M("The centres after one more iteration")
                    return model.compare(facet, facet, what, actual, expected)
        return None

    def _unrest(self, facet: str, ran: Sequence[Clustering]) -> CheckResult:
        for found in ran:
            row = _rests(self._rules[0], found)
            if row is not None:
                return CheckResult(facet, facet, model.FAILED, M(
                    "After {n} iterations row {row} of X is nearer to the middle of another cluster than to that of its own.",
                    n=_MANY, row=row))  # fmt: skip
        return CheckResult(facet, facet, model.FAILED, M("The answers are not those of one and the same rule."))  # fmt: skip

    def _predict(self) -> CheckResult:
        facet = "predict"
        for found in self._ran:
            if found.answers is None:
                return unanswered(facet, self.plan, found.fits[-1], len(asked(found.rows)))
            if not np.ptp(found.answers):
                return CheckResult(facet, facet, model.FAILED, M(
                    "{call} answers the same for all rows.", call=call_of(self.plan)))  # fmt: skip
        if self._rule(self._ran) is None:
            return model.skipped(facet, facet, M("Not checked: the first fit is not right."))
        for found in self._ran:
            if not any(_belongs(rule, found) for rule in self._rules):
                actual, expected = _belonging(self._rules[0], found)
                what = M("The cluster that {call} tells of rows, by their nearest centre", call=call_of(self.plan))  # fmt: skip
                return model.compare(facet, facet, what, actual, expected)
            everything = np.ones(len(asked(found.rows)), dtype=bool)
            wrong = by_rows(facet, self.plan, found.fits[-1], everything)
            if wrong is not None:
                return wrong
        return model.passed(facet, facet, M("Every row gets the number of its nearest centre."))

    def _repeat(self) -> CheckResult:
        facet = "repeat"
        assert self._again is not None
        if self._rule(self._ran) is None:
            return model.skipped(facet, facet, M("Not checked: the first fit is not right."))
        return self._resting(facet, [self._again]) or model.passed(facet, facet, M("A fit on other data is one on that data."))  # fmt: skip


def _kept(kept: Sequence[Found], shape: tuple[int, int]) -> np.ndarray | None:
    """The centres under the likeliest name."""
    ranked = []
    for entry in kept:
        name = next((str(p) for p in entry.path if isinstance(p, str)), "")
        rank = lexicon().rank(name.strip("_"), "centres")
        fits = entry.array.shape == shape and entry.array.dtype.kind in "fiu"
        if rank is not None and fits:
            ranked.append((len(entry.path), rank, entry.array.astype(np.float64)))
    return min(ranked, key=lambda e: e[:2])[2] if ranked else None


def _steps(rule: Any, found: Clustering) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The centres after each iteration but the first, and what a rule makes of those before; none where they are not
    kept, or start anew in each fit.
    """
    centres = found.centres()[:-1]
    one = rule(**found.settings)
    for before, after in itertools.pairwise(centres):
        yield after, one.step(before, found.rows.x)


def _moves(rule: Any, found: Clustering) -> bool:
    """True if all moves are the rule's."""
    terms = Sums(len(found.rows.x))
    return all(explained(a, e, _CLOSE, terms) is not None for a, e in _steps(rule, found))


def _rests(rule: Any, found: Clustering) -> int | None:
    """None if each fitted row is nearest to the middle of its own cluster, or the centres that are kept stay where they
    are; else the first row that is not.
    """
    x, one, kept = found.rows.x, rule(**found.settings), found.centres()
    if kept and _stays(one, kept[-1], x):
        return None
    labels = found.labels
    if labels is None:
        return 0
    centres = np.array([one.middle(x[labels == k], x) for k in range(found.clusters)])
    nearest, sure = _nearest(one, centres, x)
    off = np.flatnonzero((nearest != labels) & sure)
    return int(off[0]) if len(off) else None


def _stays(one: Any, centres: np.ndarray, x: np.ndarray) -> bool:
    """True if each centre has rows and is where the rule would move it."""
    served = len(np.unique(one.nearest(centres, x))) == len(centres)
    return served and explained(one.step(centres, x), centres, _CLOSE, Sums(len(x))) is not None


def _nearest(one: Any, centres: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The centre of each row by a rule, and for which rows rounding does not decide it."""
    distances = np.sort(one.distances(centres, x), axis=1)
    sure = np.asarray((np.diff(distances, axis=1) > 1e-9).all(axis=1))
    return np.asarray(one.nearest(centres, x)), sure


def _belonging(rule: Any, found: Clustering) -> tuple[np.ndarray, np.ndarray]:
    """The answers for all rows, and a rule's by the centres that are kept, or else by the middles of the clusters."""
    answers = found.answers
    assert answers is not None
    x, one, kept = found.rows.x, rule(**found.settings), found.centres()
    names = np.unique(answers[: len(x)])
    if kept:
        centres, names = kept[-1], np.arange(found.clusters)
    else:
        mine = [x[answers[: len(x)] == name] for name in names]
        centres = np.array([one.middle(m, x) for m in mine])
    nearest, sure = _nearest(one, centres, asked(found.rows))
    return answers[sure], names[nearest][sure].astype(np.float64)


def _belongs(rule: Any, found: Clustering) -> bool:
    """True if every row is where a rule puts it."""
    actual, expected = _belonging(rule, found)
    return bool(np.array_equal(actual, expected))
