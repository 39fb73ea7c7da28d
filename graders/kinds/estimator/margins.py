"""Checks of an estimator that looks for the plane with the widest margin: rows that lie clearly on one side of the best
plane get the class of that side, the rows that it keeps as support vectors are those of the best plane.

Data are drawn until every right way comes to rest in so many iterations and each known mistake shows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.binding.lexicon import lexicon
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
from graders.sandbox.session import Found, OutOfBudget
from graders.specs import ItemSpec
from graders.specs.tasks.estimator import Rows, drawn, settings_of

_CASES = 4
_MORE = 20  # draws that are looked through for mistakes that do not show in these
_DRAWS = 200  # until in one all right ways come to rest
_PUSHES = 8  # until no row lies just outside a margin
_OUTSIDE = 1.25  # scores of rows that are no support vectors are at least this
_RESTS = 8.0  # e-foldings of the slowest share of a multiplier
_CLEAR = 0.1  # scores of rows whose side is asked for; a support vector's is 1
_NEAR = 3  # rows at least that are told apart from what comes near
_SHARE = 0.03  # of the largest multiplier: a smaller one is hard to tell from none
_ZERO = 1e-5  # a multiplier that is not above it is none
_MOST_SURE = 0.5  # of the rows: a variant that its start decides more of explains nothing
_MOST_ALIKE = 0.98  # of those: what has not come to rest differs in few
_NAMES = re.compile(r"\w*(support|sv|ind(ex|ices|exes)?|idx|mask)\w*", re.I)


@dataclass
class Side:
    """Data, what they are fitted with, and what came of it."""

    settings: Mapping[str, float]
    rows: Rows
    fitted: Fitted | None = None
    told: dict[Any, Any] = field(default_factory=dict)  # what a rule comes to
    guessed: dict[Any, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def settled(self, rule: Any) -> tuple[np.ndarray, frozenset[int]]:
        """The scores of all rows by a rule, and its support vectors."""
        if rule not in self.told:
            one = rule(**self.settings)
            one.settle(self.rows.x, self.rows.y)
            scores = np.asarray(one.scores(asked(self.rows)))
            self.told[rule] = scores, frozenset(np.asarray(one.support).tolist())
        scores, support = self.told[rule]
        return scores, support

    def answers(self, plan: EstimatorPlan) -> np.ndarray | None:
        """What was answered for all rows, about zero."""
        found = None if self.fitted is None else numbers(self.fitted.answers[0])
        return 2 * found - 1 if found is not None and plan.from_zero else found

    def supports(self) -> list[frozenset[int]]:
        """The rows that the object keeps apart, by each way to keep them; else those that its multipliers leave."""
        if self.fitted is None:
            return []
        kept = self.fitted.kept
        return list(_kept(kept, self.rows.x)) or list(_weighed(kept, len(self.rows.x)))


class MarginChecks:
    """Judges a class by the plane that its answers show."""

    def __init__(
        self, spec: ItemSpec, search: EstimatorSearch, plan: EstimatorPlan, rng: np.random.Generator
    ) -> None:
        self._spec, self._search, self.plan = spec, search, plan
        self._rng, self._rules = rng, rules_of(spec)
        self._sides = [_calm(spec, self._rules, 0, rng)]  # which tells the way
        self._again: Side | None = None
        self.notes: list[Bilingual] = []

    def fits(self) -> bool:
        """True if the first case alone is right."""
        self._run(self._sides)
        return self._rule(self._sides) is not None

    def standing(self) -> tuple[bool, bool]:
        """If the first case has rows on both sides, and if it was answered."""
        answers = self._sides[0].answers(self.plan)
        return answers is not None and bool(np.ptp(answers)), answers is not None

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        self._sides = _telling(self._spec, self._rules, self._sides[0], self._rng)
        try:
            self._run(self._sides)
            if "repeat" in self._spec.facets:
                first = self._sides[0]
                other = (first.rows.x[::-1][:-1] * 1.1, -first.rows.y[::-1][:-1])
                self._again = replace(first, fitted=None)
                self._run([self._again], other)
        except OutOfBudget as spent:
            for facet in self._spec.facets:
                yield model.skipped(facet, facet, spent.reason)
            return
        judges = {
            "fit": self._fit, "support_vectors": self._support, "predict": self._predict,
            "repeat": self._repeat,
        }  # fmt: skip
        for facet in self._spec.facets:
            yield judges[facet]()
        rule = self._rule(self._sides)
        place = None if rule is None else self._rules.index(rule)
        self.notes += notes_of(self._spec, place)

    def explains(self, variant: Any, facet: str) -> bool:
        """True if a variant comes to the same answers, or support vectors, in every case, where its start is nothing."""
        if facet == "support_vectors":
            return all(_same_support(variant, side) for side in self._sides)
        sides = self._sides if facet != "repeat" else [s for s in [self._again] if s is not None]
        return bool(sides) and all(_same_answers(variant, side, self.plan) for side in sides)

    # -- running -----------------------------------------------------------------------------

    def _run(
        self, sides: Sequence[Side], before: tuple[np.ndarray, np.ndarray] | None = None
    ) -> None:
        fits = [
            Fit(side.settings, side.rows.x, side.rows.y, questions(side.rows), before=before)
            for side in sides
        ]
        for side, fitted in zip(sides, self._search.run(self.plan, fits), strict=True):
            side.fitted = fitted

    def _rule(self, sides: Sequence[Side]) -> Any:
        """The right form on whose sides all clear rows are in every case; None if there is none."""
        right = (r for r in self._rules if all(_parted(r, s, self.plan) is None for s in sides))
        return next(right, None)

    # -- facets ------------------------------------------------------------------------------

    def _fit(self) -> CheckResult:
        return self._wrong("fit", self._sides) or model.passed("fit", "fit", M(
            "The plane between the classes is the one with the widest margin, in {n} sets of data.", n=len(self._sides)))  # fmt: skip

    def _wrong(self, facet: str, sides: Sequence[Side]) -> CheckResult | None:
        """Why the plane is not the best one; None if it is."""
        if self._rule(sides) is not None:
            return None
        for side in sides:
            answers = side.answers(self.plan)
            if answers is None:
                assert side.fitted is not None
                return unanswered(facet, self.plan, side.fitted, len(asked(side.rows)))
            if not np.ptp(answers):
                return CheckResult(facet, facet, model.FAILED, M(
                    "{call} answers the same for all rows.", call=call_of(self.plan)))  # fmt: skip
        for side in sides:
            row = _parted(self._rules[0], side, self.plan)
            if row is not None:
                return self._beyond(facet, side, row)
        return CheckResult(facet, facet, model.FAILED, M("The answers are not those of one and the same rule."))  # fmt: skip

    def _beyond(self, facet: str, side: Side, row: int) -> CheckResult:
        score = round(float(side.settled(self._rules[0])[0][row]), 2)
        if row < len(side.rows.x):
            return CheckResult(facet, facet, model.FAILED, M(
                "After {n} iterations row {row} of X lies on the wrong side: by the plane with the widest margin its score is {score}.",
                n=_iterations(side), row=row, score=score))  # fmt: skip
        at = ", ".join(f"{v:.2f}" for v in asked(side.rows)[row])
        return CheckResult(facet, facet, model.FAILED, M(
            "After {n} iterations the new row ({at}) lies on the wrong side: by the plane with the widest margin its score is {score}.",
            n=_iterations(side), at=at, score=score))  # fmt: skip

    def _predict(self) -> CheckResult:
        """The classes themselves are told, and each row's is its own."""
        facet = "predict"
        rule = self._rule(self._sides)
        if rule is None:
            return self._wrong(facet, self._sides) or model.skipped(facet, facet, M("Not checked: the first fit is not right."))  # fmt: skip
        for side in self._sides:
            scores, _ = side.settled(rule)
            sure = np.abs(scores) > _CLEAR
            actual = side.answers(self.plan)
            assert actual is not None and side.fitted is not None
            if not np.array_equal(actual[sure], np.sign(scores[sure])):
                what = M("The classes that {call} tells", call=call_of(self.plan))
                return model.compare(facet, facet, what, actual[sure], np.sign(scores[sure]))
            wrong = by_rows(facet, self.plan, side.fitted, sure)
            if wrong is not None:
                return wrong
        return model.passed(facet, facet, M("Every row gets the class of its side."))

    def _support(self) -> CheckResult:
        facet = "support_vectors"
        best = self._rule(self._sides)
        rules = self._rules if best is None else [best]
        if any(all(_held(rule, side) for side in self._sides) for rule in rules):
            return model.passed(facet, facet, M("The rows on the margin are kept as support vectors."))  # fmt: skip
        for side in self._sides:
            expected = side.settled(rules[0])[1]
            found = side.supports()
            if not found:
                assert side.fitted is not None
                if not side.fitted.ran:
                    return unanswered(facet, self.plan, side.fitted, len(asked(side.rows)))
                return CheckResult(facet, facet, model.FAILED, M(
                    "{name} keeps no support vectors: neither rows of X nor their numbers nor a multiplier for each row were found.", name=self.plan.definition.name))  # fmt: skip
            if expected not in found:
                return CheckResult(facet, facet, model.FAILED, M(
                    "After {n} iterations the rows {actual} of X are kept as support vectors; expected {expected}.",
                    n=_iterations(side), actual=_listed(found[0]), expected=_listed(expected)))  # fmt: skip
        return CheckResult(facet, facet, model.FAILED, M("The answers are not those of one and the same rule."))  # fmt: skip

    def _repeat(self) -> CheckResult:
        facet = "repeat"
        assert self._again is not None
        if self._rule(self._sides) is None:
            return model.skipped(facet, facet, M("Not checked: the first fit is not right."))
        return self._wrong(facet, [self._again]) or model.passed(facet, facet, M("A fit on other data is one on that data."))  # fmt: skip


def _iterations(side: Side) -> int:
    return int(side.settings.get("iterations", 0))


def _listed(rows: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(rows))) or "-"


# -- what is right ---------------------------------------------------------------------------------


def _parted(rule: Any, side: Side, plan: EstimatorPlan) -> int | None:
    """The first row that is clearly on one side by a rule, and not answered so; None if there is none."""
    answers = side.answers(plan)
    if answers is None:
        return 0
    scores, _ = side.settled(rule)
    wrong = (np.abs(scores) > _CLEAR) & (np.sign(answers) != np.sign(scores))
    off = np.flatnonzero(wrong)
    return int(off[0]) if len(off) else None


def _held(rule: Any, side: Side) -> bool:
    """True if the support vectors of a rule are among what is kept."""
    return side.settled(rule)[1] in side.supports()


def _kept(kept: Sequence[Found], x: np.ndarray) -> Iterator[frozenset[int]]:
    """Sets of fitted rows, fewer than all, that an object keeps: the rows, with or without a column of ones, on end or
    side by side, or, by a name that says so, their numbers or a mask.
    """
    listed: dict[tuple[str | int, ...], list[np.ndarray]] = defaultdict(list)
    for entry in kept:
        if len(entry.path) > 1 and isinstance(entry.path[-1], int):
            listed[entry.path[:-1]].append(entry.array)
        yield from _rows_in(entry.array, x)
        name = next((p for p in entry.path if isinstance(p, str)), "")
        if _NAMES.fullmatch(name):
            yield from _numbered(entry.array.ravel(), len(x))
    for path, parts in listed.items():
        if len({part.shape for part in parts}) == 1:
            yield from _rows_in(np.array(parts), x)
            name = next((p for p in path if isinstance(p, str)), "")
            if _NAMES.fullmatch(name):
                yield from _numbered(np.array(parts).ravel(), len(x))


def _weighed(kept: Sequence[Found], n: int) -> Iterator[frozenset[int]]:
    """The rows whose multiplier is not zero, where one for each row is kept."""
    for entry in kept:
        name = next((p for p in entry.path if isinstance(p, str)), "")
        if lexicon().is_a(name.strip("_"), "multipliers") and entry.array.size == n:
            multipliers = entry.array.astype(np.float64).ravel()
            if (multipliers >= 0).all():
                yield frozenset(np.flatnonzero(multipliers > _ZERO).tolist())


def _rows_in(array: np.ndarray, x: np.ndarray) -> Iterator[frozenset[int]]:
    n, d = x.shape
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        return
    for part in (array, array.T):
        if not 0 < len(part) < n or part.shape[1] not in (d, d + 1):
            continue
        for mine in (part[:, :d], part[:, -d:]):
            same = (mine[:, None, :] == x).all(axis=2)
            if same.any(axis=1).all():
                yield frozenset(same.argmax(axis=1).tolist())
                return


def _numbered(array: np.ndarray, n: int) -> Iterator[frozenset[int]]:
    if array.dtype.kind == "b" and array.size == n:
        yield frozenset(np.flatnonzero(array).tolist())
    elif array.dtype.kind in "iuf" and 0 < array.size < n and np.isfinite(array).all():
        whole = array.astype(int)
        rows = frozenset(whole.tolist())
        if (whole == array).all() and len(rows) == array.size and rows <= set(range(n)):
            yield rows


# -- data ------------------------------------------------------------------------------------------


def _calm(spec: ItemSpec, rules: Sequence[Any], number: int, rng: np.random.Generator) -> Side:
    """A case in which all right ways come to rest; the calmest that was drawn if there is none."""
    best: tuple[float, Side] | None = None
    for _ in range(_DRAWS):
        settings, rows = settings_of(spec, rng, number), drawn(spec, number, rng)
        if best is not None and _calmness(rules, settings, rows, best[0])[0] <= best[0]:
            continue
        rows = _pushed(rules, settings, rows)
        pace, side = _calmness(rules, settings, rows, 0.0)
        if best is None or pace > best[0]:
            best = pace, side
        if pace >= 1:
            break
    assert best is not None
    return best[1]


def _calmness(
    rules: Sequence[Any], settings: Mapping[str, float], rows: Rows, least: float
) -> tuple[float, Side]:
    """The least pace of all rules, up to 1; the first that is not above `least` does."""
    paced = {**settings, **rules[0](**settings).pace(rows.x, rows.y)}
    pace = 1.0
    for rule in rules:
        pace = min(pace, _pace(rule, paced, rows))
        if pace <= least:
            break
    return pace, Side(paced, rows)


def _pushed(rules: Sequence[Any], settings: Mapping[str, float], rows: Rows) -> Rows:
    """The same with rows that lie just outside a margin moved away from it, which leaves the best plane where it is."""
    x = rows.x.copy()
    for _ in range(_PUSHES):
        still = True
        for rule in rules:
            one = rule(**settings)
            one.settle(x, rows.y)
            origin = one.scores(np.zeros((1, x.shape[1])))
            slope = one.scores(np.eye(x.shape[1])) - origin
            scores = rows.y * one.scores(x)
            low = scores < _OUTSIDE
            low[one.support] = False
            if low.any():
                still = False
                far = (_OUTSIDE + 0.05 - scores[low]) * rows.y[low] / (slope @ slope)
                x[low] += np.outer(far, slope)
        if still:
            break
    return replace(rows, x=x)


def _pace(rule: Any, settings: Mapping[str, float], rows: Rows) -> float:
    """How surely the ascent of a rule comes to rest with these settings; more than 1 is enough."""
    one = rule(**settings)
    one.settle(rows.x, rows.y)
    products = one.products(rows.x, rows.y)
    inner = products[np.ix_(one.support, one.support)]
    slowest = float(np.linalg.eigvalsh(inner)[0])
    folds = slowest * settings["rate"] * settings["iterations"]
    share = float(one.multipliers.min() / one.multipliers.max())
    return min(folds / _RESTS, share / _SHARE)


def _unlike(rules: Sequence[Any], side: Side) -> bool:
    """True if each rule differs on some clear rows from a descent of the cross-entropy, which on parted classes comes near
    to the widest margin the longer it goes on.
    """
    rows, settings = side.rows, side.settings
    places = asked(rows)
    found = []
    for more in (0.0, 1.0):
        x = np.column_stack([rows.x, np.full(len(rows.x), more)])
        theta = np.zeros(x.shape[1])
        for _ in range(int(settings["iterations"])):
            theta += settings["rate"] * x.T @ (rows.y / (1 + np.exp(rows.y * (x @ theta))))
        found.append(places @ theta[:-1] + more * theta[-1])
    for rule in rules:
        scores, _ = side.settled(rule)
        clear = np.abs(scores) > _CLEAR
        if any((clear & (np.sign(f) != np.sign(scores))).sum() < _NEAR for f in found):
            return False
    return True


def _telling(
    spec: ItemSpec, rules: Sequence[Any], first: Side, rng: np.random.Generator
) -> list[Side]:
    """Cases: so many, and those of some more draws in which a known mistake shows that did not yet."""
    sides = [first, *(_calm(spec, rules, number, rng) for number in range(1, _CASES))]
    slips = [resolve(s.variant) for s in spec.slips if "fit" in s.breaks]
    unseen = [v for v in slips if not any(_shows(v, rules[0], side) for side in sides)]
    apart = any(_unlike(rules, side) for side in sides)
    for number in range(_CASES, _CASES + _MORE):
        if apart and not unseen:
            break
        side = _calm(spec, rules, number, rng)
        seen = [v for v in unseen if _shows(v, rules[0], side)]
        parts = not apart and _unlike(rules, side)
        if seen or parts:
            sides.append(side)
            unseen, apart = [v for v in unseen if v not in seen], apart or parts
    return sides


def _shows(variant: Any, rule: Any, side: Side) -> bool:
    """True if a mistaken variant puts a row on another side, where that is clear."""
    theirs, sure = _guess(variant, side)
    scores, _ = side.settled(rule)
    clear = sure & (np.abs(scores) > _CLEAR)
    return not np.array_equal(np.sign(theirs[clear]), np.sign(scores[clear]))


def _guess(variant: Any, side: Side) -> tuple[np.ndarray, np.ndarray]:
    """What a variant answers after its iterations, and for which rows that is the same whatever its start was."""
    if variant not in side.guessed:
        x, y = side.rows.x, side.rows.y
        found = []
        for number in range(3):
            rng = np.random.default_rng(number)
            drawn_once = {"start": lambda self, rows, r=rng, k=number: r.random(rows) * 2.0**-k}
            one = type(variant.__name__, (variant,), drawn_once)(**side.settings)
            with np.errstate(all="ignore"):
                one.fit(x, y)
                found.append(np.asarray(one.predict(asked(side.rows)), dtype=np.float64))
        sure = np.all([np.sign(f) == np.sign(found[0]) for f in found], axis=0)
        side.guessed[variant] = found[0], sure
    return side.guessed[variant]


def _same_answers(variant: Any, side: Side, plan: EstimatorPlan) -> bool:
    answers = side.answers(plan)
    if answers is None:
        return False
    theirs, sure = _guess(variant, side)
    if sure.mean() < _MOST_SURE or _only_classes(answers) is not _only_classes(theirs):
        return False
    same = np.sign(answers[sure]) == np.sign(theirs[sure])
    return float(same.mean()) > _MOST_ALIKE


def _only_classes(answers: np.ndarray) -> bool:
    return bool(np.isin(answers, (-1, 1)).all())


def _same_support(variant: Any, side: Side) -> bool:
    one = variant(**side.settings)
    with np.errstate(all="ignore"):
        one.fit(side.rows.x, side.rows.y)
    return frozenset(one.support.tolist()) in side.supports()
