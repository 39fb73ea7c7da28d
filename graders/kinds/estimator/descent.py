"""Checks of an estimator that descends: each of its steps beside the reference's, from its own parameters.

The same start is drawn in every fit, and a fit is made with one iteration, with two, and so on: what each step makes
of the parameters before it is the reference's step, or not. The parameters are read from what it answers for new
rows. One whose start is another in each fit is judged where it settles, at the one best solution.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.cases import resolve
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.estimator.checks import notes_of
from graders.kinds.estimator.search import (
    EstimatorPlan,
    EstimatorSearch,
    Fit,
    Fitted,
    Given,
    Kept,
    kept_parameters,
)
from graders.messages import Bilingual, M
from graders.rounding import Sums, explained
from graders.sandbox.session import Found, OutOfBudget
from graders.specs import ItemSpec
from graders.specs.tasks.estimator import Rows, drawn, settings_of

COUNTS = range(1, 7)  # iterations
CASES = 2
_SETTLED = 3000  # iterations after which one whose start can't be repeated is to have settled
_CLOSE = 1e-7
_NEAR_BEST = 1e-5
_FAR = 1e-2  # from the first step to the last of one that descends
_LOSS = [
    re.compile(p, re.I)
    for p in (
        r"_*(train\w*_?)?(loss|cost)(es|s)?\w*", r"_*j(_?\w{0,8})?|_*(mse|ce|bce|objective|error|err)\w*", r"\w*(loss|cost|history)\w*",
    )
]  # fmt: skip
_OF_VALIDATION = re.compile(r"\w*(val|test|dev|cv)\w*", re.I)


@dataclass
class Path:
    """The parameters after each number of iterations of one case, the intercept first; `rows` are what was fitted."""

    rows: Rows
    settings: Mapping[str, float]
    fits: list[Fitted]
    settled: bool = (
        False  # of two numbers of iterations, one and many, the second shows where it ends
    )
    thetas: list[np.ndarray] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """True if the parameters of each fit could be read."""
        return bool(self.fits) and len(self.thetas) == len(self.fits)


class DescentChecks:
    """Judges a class by the way it is used. `ran`: the paths without a penalty, once they were run."""

    def __init__(
        self, spec: ItemSpec, search: EstimatorSearch, plan: EstimatorPlan, rng: np.random.Generator
    ) -> None:
        self._spec, self._search, self.plan = spec, search, plan
        self._rule = resolve(spec.reference)
        self.forms = [self._rule, *(resolve(f.reference) for f in spec.forms)]
        cases = [(settings_of(spec, rng), drawn(spec, n, rng)) for n in range(CASES)]
        self._cases = [({**settings, "intercept": 1.0}, rows) for settings, rows in cases]
        self.ran: list[Path] = []
        self.penalised: list[Path] = []
        self._bare: list[Path] = []  # without an intercept
        self._reading: Kept | None = None
        self._histories: dict[str, list[np.ndarray | None]] = {}
        self.notes: list[Bilingual] = []

    # -- the whole ---------------------------------------------------------------------------

    def fits(self) -> bool:
        """True if the first case alone is right: which way to use the class is told by it."""
        self.ran = self._paths(0.0, 1.0, 1)
        self._read()
        return self._form() is not None

    def standing(self) -> tuple[bool, bool]:
        """Of the first case: if an intercept was learnt, and if the parameters could be read."""
        learnt = all(path.whole and _has_intercept(path) for path in self.ran)
        return learnt, any(path.whole for path in self.ran)

    def explains(self, variant: Any, facet: str) -> bool:
        """True if what went wrong in a facet is what a mistaken variant of the reference does, in every case."""
        with np.errstate(all="ignore"):
            if facet in ("fit", "intercept"):
                return all(agrees(variant, path, True) for path in self.ran)
            if facet == "regularisation":
                return self.regular(variant)
            if facet in ("loss", "val_loss"):
                told = self.histories(facet)
                return bool(told) and all(self.recorded(variant, *one)[0] for one in told)
            if facet in ("predict", "predict_proba"):
                pairs = [p for path in self.ran for p in self.answered(variant, facet, path)]
                return bool(pairs) and all(
                    actual is not None
                    and actual.shape == expected.shape
                    and explained(actual, expected, 1e-6) is not None
                    for _, actual, expected in pairs
                )
        return False

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        spec, plan = self._spec, self.plan
        try:
            self.ran = self._paths(0.0, 1.0, CASES)
            self._read()
            if self._form() is None and not self._steady():
                self._settle()
            if "intercept" in spec.facets and plan.takes("intercept"):
                self._bare = self._paths(0.0, 0.0, CASES)
            if "regularisation" in spec.facets and plan.takes("penalty"):
                self.penalised = self._paths(1.0, 1.0, CASES)
            if self._bare and self.plan.validation and not any(p.fits[0].ran for p in self._bare):
                told = replace(self.plan, validated=True)  # it may count on being given some
                self._bare = self._paths(0.0, 0.0, CASES, told)
            for path in self.penalised:
                path.thetas = self._thetas(path, self._reading)
            kept = [Kept.NONE] if self._reading is not None else []
            for reading in (self._reading, *kept, None):
                for path in self._bare:
                    path.thetas = path.thetas if path.whole else self._thetas(path, reading)
        except OutOfBudget as spent:
            for facet in spec.facets:
                yield model.skipped(facet, facet, spent.reason)
            return
        judges: dict[str, Callable[[], CheckResult]] = {
            "fit": self._fit, "predict": lambda: self._answer("predict"),
            "predict_proba": lambda: self._answer("predict_proba"), "intercept": self._intercept,
            "regularisation": self._regularisation, "loss": self._loss, "val_loss": self._val_loss,
            "repeat": self._repeat,
        }  # fmt: skip
        for facet in spec.facets:
            yield judges[facet]()
        self.notes += notes_of(spec, self._form())

    # -- paths -------------------------------------------------------------------------------

    def _paths(
        self, penalty: float, intercept: float, cases: int, plan: EstimatorPlan | None = None
    ) -> list[Path]:
        found = []
        for settings, rows in self._cases[:cases]:
            mine = dict(settings)
            mine["intercept"] = intercept
            if "penalty" in mine:
                mine["penalty"] = penalty * mine["penalty"]
            fits = self._search.run(plan or self.plan, [self._one(mine, rows, n) for n in COUNTS])
            found.append(Path(rows, mine, fits))
        return found

    def _one(self, settings: Mapping[str, float], rows: Rows, iterations: int, **more: Any) -> Fit:
        asked = [(self._rule.read, self._asked(rows))]
        asked += [(f, self._asked(rows)) for f in self.plan.answers if f != self._rule.read]
        return Fit({**settings, "iterations": iterations}, rows.x, rows.y, asked, **more)

    def _asked(self, rows: Rows) -> np.ndarray:
        """New rows, and rows on the other side of them."""
        return np.concatenate([rows.new, -2 * rows.new])

    def _read(self) -> None:
        """Which reading of the parameters makes the steps right; the first one that gives any if none does."""
        usable: list[Kept | None] = []
        for reading in (None, *Kept):
            for path in self.ran:
                path.thetas = self._thetas(path, reading)
            if all(path.whole for path in self.ran):
                usable.append(reading)
                if self._form() is not None:
                    self._reading = reading
                    return
        self._reading = usable[0] if usable else None
        for path in self.ran:
            path.thetas = self._thetas(path, self._reading)

    def _thetas(self, path: Path, reading: Kept | None) -> list[np.ndarray]:
        found = []
        for fit in path.fits:
            theta = self._theta(path, fit, reading)
            if theta is not None:
                found.append(theta)
        return found

    def _theta(self, path: Path, fit: Fitted, reading: Kept | None) -> np.ndarray | None:
        features = path.rows.x.shape[1]
        if not fit.ran:
            return None
        if reading is not None:
            kept = kept_parameters(fit.kept, features, path.settings["intercept"] > 0)
            return next((t for way, t in kept if way is reading and np.isfinite(t).all()), None)
        answers = _of_class_one(fit.answers[0])
        if answers is None or answers.dtype.kind not in "fiu":
            return None
        asked = self._asked(path.rows)
        with np.errstate(all="ignore"):
            scores = self._rule().scores_of(answers.astype(np.float64))
        sure = np.isfinite(scores)
        if sure.sum() < 2 * features + 4:
            return None
        rows = np.column_stack([np.ones(len(asked)), asked])[sure]
        theta = np.asarray(np.linalg.lstsq(rows, scores[sure], rcond=None)[0])
        off = np.abs(rows @ theta - scores[sure]).max()
        return theta if off <= 1e-6 * max(1.0, float(np.abs(scores[sure]).max())) else None

    # -- what is right -----------------------------------------------------------------------

    def _form(self) -> int | None:
        """The first right form whose steps are the class's own in every case, with or without an intercept."""
        for number, rule in enumerate(self.forms):
            for intercept in (True, False):
                if all(agrees(rule, path, intercept) for path in self.ran):
                    return number
        return None

    def _steady(self) -> bool:
        """True if the same start gives the same parameters, so that steps can be told; where no number of
        iterations can be given, steps can't be told either.
        """
        if not self.plan.takes("iterations"):
            return not self.plan.takes("rate")
        settings, rows = self._cases[0]
        settings = _without_penalty(settings)
        path = Path(rows, settings, self._search.run(self.plan, [self._one(settings, rows, 1)] * 2))
        thetas = self._thetas(path, self._reading)
        return len(thetas) < 2 or bool(np.abs(thetas[0] - thetas[1]).max() < 1e-9)

    def _settle(self) -> None:
        found = []
        for settings, rows in self._cases:
            mine = _without_penalty(settings)
            fits = self._search.run(self.plan, [self._one(mine, rows, n) for n in (1, _SETTLED)])
            found.append(Path(rows, mine, fits, settled=True))
        before, self.ran = self.ran, found
        self._read()
        if not all(path.whole for path in found):
            self.ran = before
            self._read()

    # -- facets ------------------------------------------------------------------------------

    def _call(self, method: str) -> str:
        return f"{self.plan.definition.name}.{method}"

    def _unread(self, facet: str, paths: Sequence[Path]) -> CheckResult | None:
        """Why there are no parameters to judge; None if there are."""
        for path in paths:
            if path.whole:
                continue
            for fit in path.fits:
                if not fit.ran or fit.error is not None or fit.timed_out or fit.died:
                    call = self._call(f"{self.plan.fit.name}(X, y)")
                    return model.raised(facet, facet, call, fit.error, fit.timed_out, fit.died)
            return CheckResult(facet, facet, model.FAILED, M(
                "What {call} answers for new rows is no function of the sum of weighted features and an intercept, row by row, and no parameters were found.",
                call=self._call(self._rule.read)))  # fmt: skip
        return None

    def _fit(self) -> CheckResult:
        none = self._unread("fit", self.ran)
        if none is not None:
            return none
        if self._form() is not None:
            return model.passed("fit", "fit", M(
                "Each step from the parameters before it is the right one, in {n} sets of data.", n=len(self.ran)))  # fmt: skip
        for path in self.ran:
            if not moves(path):
                return CheckResult("fit", "fit", model.FAILED, M(
                    "The parameters do not change with the number of iterations: expected a step of gradient descent in each."))  # fmt: skip
        return self._wrong_step("fit", self.ran)

    def _wrong_step(self, facet: str, paths: Sequence[Path]) -> CheckResult:
        for path in paths:
            for actual, expected in steps(self._rule, path, True):
                if explained(actual, expected, _close(path), Sums(len(path.rows.x))) is None:
                    what = M("The parameters after one more iteration (the intercept first)")
                    if path.settled:
                        what = M(
                            "The parameters after {n} iterations (the intercept first)", n=_SETTLED
                        )
                    return model.compare(facet, facet, what, actual, expected)
        return CheckResult(facet, facet, model.FAILED, M("The steps are not those of one and the same rule."))  # fmt: skip

    def _answer(self, facet: str) -> CheckResult:
        """What is answered for new rows follows from the parameters, which fit has moved."""
        method = self.plan.answers.get(facet)
        if method is None:
            return CheckResult(facet, facet, model.FAILED, M(
                "{name} has no method for this ({facet}).", name=self.plan.definition.name, facet=facet))  # fmt: skip
        none = self._unread(facet, self.ran)
        if none is not None:
            return none
        if not all(moves(path) for path in self.ran):
            return model.skipped(facet, facet, M("Not checked: fit changes no parameters."))
        call = self._call(f"{method.name}(X)")
        for path in self.ran:
            for fit, actual, expected in self.answered(self._rule, facet, path):
                if actual is None:
                    return self._no_answer(facet, call, fit, path)
                if actual.shape != expected.shape or explained(actual, expected, 1e-6) is None:
                    what = M("What {call} answers for new rows", call=call)
                    return model.compare(facet, facet, what, actual, expected)
        return self._by_rows(facet, call) or model.passed(facet, facet, M(
            "New rows get the answers that follow from the parameters, each by itself."))  # fmt: skip

    def _no_answer(self, facet: str, call: str, fit: Fitted, path: Path) -> CheckResult:
        if fit.error is not None or fit.timed_out or fit.died:
            return model.raised(facet, facet, call, fit.error, fit.timed_out, fit.died)
        return CheckResult(facet, facet, model.FAILED, M(
            "{call} does not give one number for each of {n} rows.", call=call, n=len(self._asked(path.rows))))  # fmt: skip

    def answered(
        self, rule: Any, facet: str, path: Path
    ) -> Iterator[tuple[Fitted, np.ndarray | None, np.ndarray]]:
        """What was answered after each number of iterations, and what a rule answers with those parameters; rows
        where it is a matter of rounding are left out.
        """
        place = [f for f, _ in self._one(path.settings, path.rows, 1).asked].index(facet)
        asked = self._asked(path.rows)
        for fit, theta in zip(path.fits, path.thetas, strict=True):
            actual = _of_class_one(fit.answers[place])
            one = rule()
            one.theta = theta
            with np.errstate(all="ignore"):
                expected = np.asarray(getattr(one, facet)(asked), dtype=np.float64)
                sure = np.abs(self._rule().scores(theta, asked)) > 1e-6
            if actual is not None and actual.shape == expected.shape:
                actual, expected = actual.astype(np.float64)[sure], expected[sure]
            yield fit, actual, expected

    def _by_rows(self, facet: str, call: str) -> CheckResult | None:
        """A row's answer is its own: the same among other rows. None if it is."""
        path = self.ran[0]
        asked = self._asked(path.rows)
        parts = [asked, asked[:3], asked[5:4:-1]]
        settings = {**path.settings, "iterations": 3}
        questions = [(facet, part) for part in parts]
        (fit,) = self._search.run(self.plan, [Fit(settings, path.rows.x, path.rows.y, questions)])
        whole, few, one = (_of_class_one(a) for a in fit.answers)
        if whole is None or few is None or one is None:
            return self._no_answer(facet, call, fit, path)
        for part, expected in ((few, whole[:3]), (one, whole[5:4:-1])):
            if explained(part.astype(np.float64), expected.astype(np.float64), 1e-6) is None:
                what = M("What {call} answers for the same rows among fewer others", call=call)
                return model.compare(facet, facet, what, part, expected)
        return None

    def _intercept(self) -> CheckResult:
        facet = "intercept"
        none = self._unread(facet, self.ran) or self._unread(facet, self._bare)
        if none is not None:
            return none
        if not all(moves(path) for path in self.ran):
            return model.skipped(facet, facet, M("Not checked: fit changes no parameters."))
        if not all(moves(path) for path in self._bare):
            return CheckResult(
                facet, facet, model.FAILED, M("Without an intercept fit changes no parameters.")
            )
        on = [_has_intercept(path) for path in self.ran]
        off = [_has_intercept(path) for path in self._bare]
        left = [_at_zero(path) for path in self._bare]
        name = next((p for p, s in self.plan.option.items() if s == "intercept"), "")
        if off and all(off) and not any(on):
            return CheckResult(facet, facet, model.FAILED, M(
                "{name} means the opposite of what it says: with an intercept none is learnt, and without one it is.", name=name))  # fmt: skip
        if not all(on):
            return CheckResult(facet, facet, model.FAILED, M("No intercept is learnt: answers for a row of zeros stay what they are."))  # fmt: skip
        if not all(left):
            return CheckResult(facet, facet, model.FAILED, M(
                "Without an intercept ({name}) the answer for a row of zeros still has one.", name=name))  # fmt: skip
        if self.plan.flipped:
            self.notes.append(M("{name} = True leaves the intercept out", name=name))
        elif not self._bare:
            self.notes.append(M("it always has an intercept"))
        return model.passed(
            facet, facet, M("The intercept is learnt, and left out where that is asked for.")
        )

    def _regularisation(self) -> CheckResult:
        facet = "regularisation"
        if not self.plan.takes("penalty"):
            return CheckResult(facet, facet, model.FAILED, M(
                "Neither the constructor of {name} nor its fit takes a penalty.", name=self.plan.definition.name))  # fmt: skip
        none = self._unread(facet, self.penalised)
        if none is not None:
            return none
        if any(self.regular(rule) for rule in self.forms):
            return model.passed(facet, facet, M("Each step takes the penalty into account."))
        return self._wrong_step(facet, self.penalised)

    def regular(self, rule: Any) -> bool:
        """True if the steps with a penalty are this rule's, with an intercept if there is one."""
        return any(
            all(agrees(rule, path, intercept) for path in self.penalised)
            for intercept in (True, False)
        )

    # -- histories ---------------------------------------------------------------------------

    def _history(self, path: Path, of_validation: bool) -> np.ndarray | None:
        """What the last fit of a path keeps as its losses, one a number for each iteration."""
        kept = path.fits[-1].kept
        length = len(path.fits)
        fitting = [e for e in kept if _is_history(e, length, of_validation)]
        for pattern in _LOSS:
            for entry in fitting:
                if pattern.fullmatch(str(entry.path[-1])):
                    return entry.array.astype(np.float64).ravel()
        return None

    def recorded(
        self, rule: Any, history: np.ndarray, path: Path, x: np.ndarray, y: np.ndarray
    ) -> tuple[bool, np.ndarray, np.ndarray]:
        """If these are a rule's costs along the path, each before a step or after it; and the nearest such."""
        one = _made(rule, path, True)
        costs = [one.cost(theta, x, y) for theta in path.thetas]
        first: tuple[np.ndarray, np.ndarray] | None = None
        for shift in (1, 0, -1):
            pairs = [
                (history[k], costs[k + shift - 1])
                for k in range(len(history)) if 0 <= k + shift - 1 < len(costs)
            ]  # fmt: skip
            actual, expected = (np.array(side) for side in zip(*pairs, strict=True))
            if explained(actual, expected, 1e-6, Sums(len(x))) is not None:
                return True, actual, expected
            first = first or (actual, expected)
        assert first is not None
        return False, *first

    def histories(self, facet: str) -> list[tuple[np.ndarray, Path, np.ndarray, np.ndarray]]:
        """The histories that were kept, each with the path and the data that it is about."""
        found = []
        paths = self.ran if facet == "val_loss" else [*self.ran, *self.penalised]
        for path, history in zip(paths, self._histories.get(facet, ()), strict=False):
            x, y = path.rows.x, path.rows.y
            if facet == "val_loss":
                x, y = path.rows.new, path.rows.truth
            if history is not None:
                found.append((history, path, x, y))
        return found

    def _losses(self, facet: str) -> CheckResult:
        what = (
            M("The losses that are kept")
            if facet == "loss"
            else M("The losses of validation that are kept")
        )
        told = self.histories(facet)
        regular = [rule for rule in self.forms if self.penalised and self.regular(rule)]
        for rule in regular or self.forms:  # the penalty is the one that is descended
            if all(self.recorded(rule, *one)[0] for one in told):
                return model.passed(facet, facet, M("{what} are right.", what=what))
        for one in told:
            right, actual, expected = self.recorded(self._rule, *one)
            if not right:
                return model.compare(facet, facet, what, actual, expected)
        return CheckResult(
            facet,
            facet,
            model.FAILED,
            M("{what} are not those of one and the same loss.", what=what),
        )

    def _not_yet(self, facet: str) -> CheckResult | None:
        """Why no history can be judged; None if it can."""
        paths = [*self.ran, *self.penalised]
        none = self._unread(facet, paths)
        if none is not None:
            return none
        if any(path.settled for path in paths):
            return model.skipped(facet, facet, M(
                "Not checked: the start is another in each fit, so that the way of the parameters is not known."))  # fmt: skip
        if not all(moves(path) for path in paths):
            return model.skipped(facet, facet, M("Not checked: fit changes no parameters."))
        return None

    def _loss(self) -> CheckResult:
        facet = "loss"
        not_yet = self._not_yet(facet)
        if not_yet is not None:
            return not_yet
        paths = [*self.ran, *self.penalised]
        self._histories[facet] = [self._history(path, False) for path in paths]
        if self._talks and not _told(self._histories[facet]):
            self._histories[facet] = [self._history(p, False) for p in self._talking(paths)]
        if any(h is None for h in self._histories[facet]):
            return CheckResult(facet, facet, model.FAILED, M(
                "After fit no history of losses was found: one number for each iteration, kept as loss or cost."))  # fmt: skip
        return self._losses(facet)

    @property
    def _talks(self) -> bool:
        """True if the class can be asked to print what it does: some keep their losses only then."""
        return Given.TALKS in self.plan.others.values()

    def _talking(self, paths: Sequence[Path]) -> list[Path]:
        plan = replace(self.plan, talks=True)
        found = []
        for path in paths:
            one = self._one(path.settings, path.rows, len(path.fits))
            fits = self._search.run(plan, [one])
            found.append(replace(path, fits=[*path.fits[:-1], *fits]))
        return found

    def _val_loss(self) -> CheckResult:
        facet = "val_loss"
        not_yet = self._not_yet(facet)
        if not_yet is not None:
            return not_yet
        if not self.plan.validation:
            return CheckResult(facet, facet, model.FAILED, M(
                "{call} takes no validation data.", call=self._call(self.plan.fit.name)))  # fmt: skip
        self._histories[facet] = []
        for path in self.ran:
            truth = path.rows.truth
            fit = self._one(
                path.settings, path.rows, len(path.fits), validation=(path.rows.new, truth)
            )
            (fitted,) = self._search.run(self.plan, [fit])
            told = Path(path.rows, path.settings, [fitted])
            told.thetas = self._thetas(told, self._reading)
            none = self._unread(facet, [told])
            if none is not None:
                return none
            if explained(told.thetas[0], path.thetas[-1], _CLOSE, Sums(len(path.rows.x))) is None:
                what = M("The parameters of a fit that is given validation data, too")
                return model.compare(facet, facet, what, told.thetas[0], path.thetas[-1])
            told.fits = [fitted] * len(path.fits)
            self._histories[facet].append(self._history(told, True))
        if any(h is None for h in self._histories[facet]):
            return CheckResult(facet, facet, model.FAILED, M(
                "After a fit with validation data no history of its losses was found, one number for each iteration."))  # fmt: skip
        return self._losses(facet)

    # -- again -------------------------------------------------------------------------------

    def _repeat(self) -> CheckResult:
        """A fit after one on other data: what it would have been alone, or the same steps from where that one ended."""
        facet = "repeat"
        none = self._unread(facet, self.ran)
        if none is not None:
            return none
        first = self.ran[0]
        if first.settled or not moves(first):
            return model.skipped(facet, facet, M("Not checked: steps could not be told."))
        rows, settings = first.rows, first.settings
        other = (-rows.x[::-1][:-3], rows.y[:-3])
        again = self._search.run(self.plan, [
            self._one(settings, rows, 3, before=other),
            Fit({**settings, "iterations": 3}, *other, [(self._rule.read, self._asked(rows))]),
        ])  # fmt: skip
        path = Path(rows, settings, again)
        path.thetas = self._thetas(path, self._reading)
        none = self._unread(facet, [path])
        if none is not None:
            return none
        after, start = path.thetas
        fresh = first.thetas[2]
        rights = [fresh]
        for rule in self.forms:
            for intercept in (True, False):
                one, theta = _made(rule, first, intercept), start
                for _ in range(3):
                    theta = one.step(theta, rows.x, rows.y)
                rights.append(theta)
        if any(explained(after, r, _CLOSE, Sums(3 * len(rows.x))) is not None for r in rights):
            return model.passed(facet, facet, M("A fit on other data is one on that data."))
        what = M("The parameters of a fit on other data than before (the intercept first)")
        return model.compare(facet, facet, what, after, fresh)


def _without_penalty(settings: Mapping[str, float]) -> dict[str, float]:
    return {name: 0.0 if name == "penalty" else value for name, value in settings.items()}


def _told(histories: Sequence[np.ndarray | None]) -> bool:
    """True if all are there, with something in them."""
    return all(h is not None and np.any(h) for h in histories)


def agrees(rule: Any, path: Path, intercept: bool) -> bool:
    """True if each step of the path is the rule's; a path that does not move is nobody's."""
    if not path.whole or not moves(path):
        return False
    if not intercept and not _at_zero(path):
        return False
    terms = Sums(len(path.rows.x))
    return all(
        explained(actual, expected, _close(path), terms) is not None
        for actual, expected in steps(rule, path, intercept)
    )


def steps(rule: Any, path: Path, intercept: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The parameters after each step, and what the rule makes of those before it; where the path has settled, there
    and where the rule settles.
    """
    one = _made(rule, path, intercept)
    x, y = path.rows.x, path.rows.y
    if path.settled:
        theta = np.zeros(x.shape[1] + 1)
        for _ in range(_SETTLED):
            theta = one.step(theta, x, y)
        yield path.thetas[-1], theta
        return
    for before, after in zip(path.thetas, path.thetas[1:], strict=False):
        with np.errstate(all="ignore"):
            yield after, one.step(before, x, y)


def moves(path: Path) -> bool:
    """True if the parameters change with each iteration; where it has settled, if it has come from afar: a best
    solution that is computed and blurred a little descends nowhere.
    """
    least = _FAR if path.settled else 1e-6
    pairs = zip(path.thetas, path.thetas[1:], strict=False)
    return all(np.abs(a - b).max() > least * max(1.0, np.abs(a).max()) for a, b in pairs)


def _close(path: Path) -> float:
    return _NEAR_BEST if path.settled else _CLOSE


def _made(rule: Any, path: Path, intercept: bool) -> Any:
    settings = {n: v for n, v in path.settings.items() if n not in ("iterations", "intercept")}
    return rule(**settings, intercept=intercept)


def _at_zero(path: Path) -> bool:
    """True if the answer for a row of zeros is that of no intercept."""
    largest = max(float(np.abs(t).max()) for t in path.thetas)
    return all(abs(float(t[0])) <= 1e-7 * max(1.0, largest) for t in path.thetas)


def _has_intercept(path: Path) -> bool:
    """True if the answer for a row of zeros is moved."""
    largest = max(float(np.abs(t).max()) for t in path.thetas)
    levels = np.array([t[0] for t in path.thetas])
    far = np.ptp(levels) if len(levels) > 1 else np.abs(levels).max()
    return bool(far > 1e-7 * max(1.0, largest))


def _is_history(entry: Found, length: int, of_validation: bool) -> bool:
    name = str(entry.path[-1])
    array = entry.array
    long = array.size in (length, length + 1) and array.dtype.kind == "f"
    return long and bool(_OF_VALIDATION.fullmatch(name)) == of_validation


def _of_class_one(answers: np.ndarray | None) -> np.ndarray | None:
    """The second of two columns that add up to one: the probabilities of both classes."""
    if answers is None or answers.ndim == 1:
        return answers
    if answers.shape[1] == 2 and answers.dtype.kind == "f" and np.allclose(answers.sum(axis=1), 1):
        return np.asarray(answers[:, 1])
    return None
