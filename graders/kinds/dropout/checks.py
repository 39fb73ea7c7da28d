"""Checks of a dropout: what is left out and how it is scaled, the way back, testing, and new draws.

What is drawn is judged by statistics: a right layer fails all bounds together less than once in a million gradings.

That is so whatever seeds its generators. Of a right layer the calls in a row of one instance go on drawing: the masks
of one series are independent, their elements too, each kept with the share that is known. Nothing is taken for granted
between series, which may draw the very same where a constructor seeds: each is judged by itself, and chances are added
up, which holds for what depends on one another, too. The bounds are two-sided:

- of each of two series the share, rows, columns and the input, at `ALL_RUNS` standard errors: 2 * 4 * 6.7e-8 = 5.4e-7;
- of all single runs the share: `ALONE` = 2e-7 together.

In all 7.4e-7. The chances of shares are those of the binomial distribution itself (`chance`); what follows the input is
normal, since the input is; sums of rows and columns have the first three moments of their true distribution (`depends`).
A probability of the class's own is taken to lie between 0.02 and 0.98: there no run of 20 by 20 or more is without any
draw of either kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from graders.binding.modes import Told
from graders.binding.standing import Standing
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.dropout.search import DropoutPlan, DropoutRun, DropoutSearch, Meaning
from graders.messages import M, Message
from graders.rounding import Sums, explained
from graders.sandbox.session import OutOfBudget
from graders.specs import ItemSpec

ALL_RUNS = 5.4  # standard errors of what all runs of a series show; two-sided 6.7e-8
TOGETHER = math.erfc(ALL_RUNS / math.sqrt(2))  # that chance
ALONE = 2e-7  # the chance that the share of any single run is as far off
TRAININGS = 8  # on one instance, if the item has no more cases
PROBABILITIES = ((0.25, 0.4), (0.6, 0.75))  # one of each, an instance each: no 1 - p is near any p
WARMED = 2  # runs after trainings on batches of other sizes


class Form(Enum):
    """When a dropout scales."""

    INVERTED = auto()  # in training
    PLAIN = auto()  # in testing


@dataclass(frozen=True)
class Mask:
    """What a training did to its input: what it kept, and by which number it multiplied that."""

    kept: np.ndarray
    scale: float

    @property
    def share(self) -> float:
        """Of what was kept."""
        return float(np.mean(self.kept))

    @property
    def drops(self) -> bool:
        """True if it left something out and kept something."""
        return bool(np.any(self.kept) and not np.all(self.kept))

    @property
    def factors(self) -> np.ndarray:
        """By which each element was multiplied."""
        return np.where(self.kept, self.scale, 0.0)


def mask_of(x: np.ndarray, y: np.ndarray) -> Mask | None:
    """How `y` comes of `x` (without zeros): each element left out, or multiplied by one number; None if otherwise."""
    kept = y != 0
    if y.shape != x.shape or not np.all(np.isfinite(y)):
        return None
    scale = float(np.median(y[kept] / x[kept])) if np.any(kept) else 0.0
    right = np.where(kept, x * scale, 0.0)
    fits = explained(y, right, 0.0, Sums(1), y.dtype) is not None
    return Mask(kept, scale) if fits else None


def chance(kept: int, count: int, share: float) -> float:
    """How likely it is to keep as few of so many elements, or as many, two-sided."""
    if not 0 < share < 1:
        return 1.0 if kept == round(count * share) else 0.0
    numbers = np.arange(kept + 1) if kept < count * share else np.arange(kept, count + 1)
    return float(min(1.0, 2 * np.sum(np.exp(_logs(numbers, count, share)))))


def _logs(numbers: np.ndarray, count: int, share: float) -> np.ndarray:
    """Logarithms of the binomial distribution."""
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))])
    ways = factorials[count] - factorials[numbers] - factorials[count - numbers]
    return np.asarray(ways + numbers * math.log(share) + (count - numbers) * math.log1p(-share))


def depends(masks: Sequence[np.ndarray], axis: int) -> float:
    """In standard errors, how the sums of masks along an axis differ from those of independent draws.

    Above 0 they differ more from one another than such sums do (what is left out is left out together), below 0
    less (of each as many). Squares of sums have the first three moments that they have for independent draws of that
    share (Pearson type III), brought to a normal number by the cube root of Wilson and Hilferty (1931). Since the share
    is the mask's own, right draws differ a little less where hardly any or nearly all is kept: on the safe side.
    """
    total = mean = variance = third = 0.0
    for kept in masks:
        q, n = float(np.mean(kept)), kept.shape[axis]
        if 0 < q < 1:
            sums = kept.sum(axis=axis)
            free = sums.size - 1  # the share is that of the mask itself
            total += float(np.sum((sums - n * q) ** 2)) / (n * q * (1 - q))
            second, cubed = _moments(n, q)
            mean, variance, third = mean + free, variance + free * second, third + free * cubed
    if not variance:
        return 0.0
    skew = third / variance**1.5
    far = (total - mean) / math.sqrt(variance)
    return float(6 / skew * (math.cbrt(skew / 2 * far + 1) - 1) + skew / 6)


def _moments(n: int, q: float) -> tuple[float, float]:
    """The second and third central moments of the square of a binomial number's standard score."""
    numbers = np.arange(n + 1)
    weights = np.exp(_logs(numbers, n, q))
    squares = (numbers - n * q) ** 2 / (n * q * (1 - q)) - 1
    return float(np.sum(weights * squares**2)), float(np.sum(weights * squares**3))


def follows(masks: Sequence[np.ndarray], inputs: Sequence[np.ndarray]) -> float:
    """In standard errors, how far what is kept goes along with the input (drawn from a normal distribution)."""
    z = sum(
        float(np.sum((kept - np.mean(kept)) * x)) for kept, x in zip(masks, inputs, strict=True)
    )
    variance = sum(kept.size * float(np.var(kept)) for kept in masks)
    return abs(z) / math.sqrt(variance) if variance else 0.0


class DropoutChecks:
    """Judges a dropout by the way it is called. `ran`: the cases, once they were run."""

    def __init__(
        self,
        spec: ItemSpec,
        search: DropoutSearch,
        plan: DropoutPlan,
        rng: np.random.Generator,
        passed_by: bool = False,
    ) -> None:
        """`passed_by`: the notebook's network leaves the layer out in a test."""
        self._spec, self._search, self._plan, self._rng = spec, search, plan, rng
        self._passed_by = passed_by
        self.ran: list[DropoutRun] = []
        self._series: list[int] = []  # of each run the instance that it was made with
        self._warmed: list[DropoutRun] = []
        self.masks: list[Mask | None] = []  # of the runs
        self.form: Form | None = None
        self.kept: list[float] = []  # the share that should be kept, in each run
        self.notes: list[Message] = []

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        try:
            self._measure()
        except OutOfBudget as spent:
            for facet in self._spec.facets:
                yield model.skipped(facet, facet, spent.reason)
            return
        self._settle()
        judges = {
            "forward": self._forward, "dX": self._backward, "test": self._test, "repeat": self._repeat,
        }  # fmt: skip
        for facet in self._spec.facets:
            yield judges[facet]()
        self._tell()

    def _measure(self) -> None:
        search, plan, rng = self._search, self._plan, self._rng
        count = max(TRAININGS, self._spec.cases)
        series: list[list[DropoutRun]] = []
        for number in range(len(PROBABILITIES)):
            cases = search.cases(rng, count)
            series.append(search.run(plan, self._probability(number), cases, rng))
            if not series[0][0].trained:
                break
        for runs in zip(*series, strict=True):
            self.ran += runs
            self._series += range(len(series))
        if not self.ran[0].trained:
            return
        for number in range(WARMED):
            before = [search.case(rng), search.case(rng)]
            probability = self._probability(number)
            self._warmed += search.run(plan, probability, [search.case(rng)], rng, before)

    def _probability(self, number: int) -> float:
        """Of an instance."""
        low, high = PROBABILITIES[number]
        return self._plan.own or round(float(self._rng.uniform(low, high)), 3)

    def _settle(self) -> None:
        """What each run did, which share of it should be kept, and when it scales."""
        for run in self.ran:
            self.masks.append(_mask(run.train, run))
        meant = (
            [Meaning.KEPT, Meaning.DROPPED]
            if self._plan.means is Meaning.EITHER
            else [self._plan.means]
        )
        shares = [[m.kept(run.probability) for run in self.ran] for m in meant]
        seen = [m.share if m is not None else 0.0 for m in self.masks]
        self.kept = min(shares, key=lambda s: sum(abs(a - b) for a, b in zip(s, seen, strict=True)))
        scales = [m.scale if m is not None else math.nan for m in self.masks]
        if all(_near(s, 1 / q) for s, q in zip(scales, self.kept, strict=True)):
            self.form = Form.INVERTED
        elif all(_near(s, 1.0) for s in scales):
            self.form = Form.PLAIN

    @property
    def _drops(self) -> bool:
        """True if every training kept something and left something out."""
        return all(m is not None and m.drops for m in self.masks)

    def _call(self, forward: bool) -> str:
        layer = self._plan.layer
        prefix = "" if layer.definition.kind == "pair" else f"{layer.definition.name}."
        call = layer.forward if forward or layer.backward is None else layer.backward
        return f"{prefix}{call.name}"

    def _raised(self, facet: str, forward: bool, run: DropoutRun) -> CheckResult:
        outcome = run.outcome
        return model.raised(
            facet, facet, self._call(forward), outcome.error, outcome.timed_out, outcome.died
        )

    # -- facets --------------------------------------------------------------------------

    def _shown(
        self, facet: str, what: Message, place: Standing, ended: bool, run: DropoutRun
    ) -> CheckResult | None:
        """What is wrong with what a call shows, before it is looked at; None if one array stands for it."""
        back = facet == "dX"
        if not ended:
            return self._raised(facet, not back, run)
        if place.rivals:
            return model.ambiguous(facet, facet, what, place.rivals)
        if place.entries:
            return None
        nothing = M("{call} gives nothing that has the input's shape.", call=self._call(True))
        if back:
            nothing = M("{what} was not found: neither returned nor kept by the layer.", what=what)
        return model.told_plainly(facet, facet, nothing)

    def _forward(self) -> CheckResult:
        what = M("The output in training")
        for run, mask in zip(self.ran, self.masks, strict=True):
            fault = self._shown("forward", what, run.train, run.trained, run)
            if fault is not None:
                return fault
            if mask is None:
                y = run.train.entries[0].array
                kept = y[y != 0] / run.x[y != 0]
                scale = float(np.median(kept)) if kept.size else 0.0
                return model.compare(
                    "forward", "forward", what, y, np.where(y != 0, run.x * scale, 0)
                )
        wrong = self._wrong_draws() or self._wrong_scale()
        if wrong is not None:
            return CheckResult("forward", "forward", model.FAILED, wrong, input=self.ran[0].x)
        return model.passed("forward", "forward", M(
            "In {n} trainings as many elements are kept as should be, each drawn by itself.", n=len(self.ran)))  # fmt: skip

    def _wrong_draws(self) -> Message | None:
        """What is wrong with what is left out; None if nothing is."""
        masks = [m for m in self.masks if m is not None]
        if any(m.share == 1 for m in masks):
            return M("Nothing is left out in training.")
        if not self._drops:
            return M("Everything is left out in training.")
        pools = self._pools()
        drawn = [[masks[i].kept for i in pool] for pool in pools]
        samples = max((depends(kept, 1) for kept in drawn), key=abs)
        features = max((depends(kept, 0) for kept in drawn), key=abs)
        if features > ALL_RUNS:
            return M(
                "Elements of different samples are left out together: each is to be drawn by itself."
            )
        if samples > ALL_RUNS:
            return M("Elements of one sample are left out together: each is to be drawn by itself.")
        if samples < -ALL_RUNS:
            return M(
                "Of each sample as many elements are left out: each is to be drawn by itself, so that their number differs."
            )
        if features < -ALL_RUNS:
            return M(
                "Of each feature as many elements are left out: each is to be drawn by itself, so that their number differs."
            )
        if any(
            follows(kept, [self.ran[i].x for i in pool]) > ALL_RUNS
            for kept, pool in zip(drawn, pools, strict=True)
        ):
            return M("What is left out depends on the input.")
        chances = [self._chance([i]) for i in range(len(masks))]
        if min(chances) * len(chances) < ALONE or min(map(self._chance, pools)) < TOGETHER:
            worst = int(np.argmin(chances))
            return M(
                "In training {actual} of the elements are kept, where {name} is {probability}; it should be {expected}.",
                actual=_percent(masks[worst].share),
                name=self._plan.name,
                probability=model.number(self.ran[worst].probability),
                expected=_percent(self.kept[worst]),
            )
        return None

    def _pools(self) -> list[list[int]]:
        """The runs that are independent of one another: those of an instance, which draws on from call to call; each
        by itself where a call draws again what another drew.
        """
        alike = {
            (self._series[i], m.kept.tobytes()) for i, m in enumerate(self.masks) if m is not None
        }
        if self._same_again() or len(alike) < len(self.masks):
            return [[i] for i in range(len(self.masks))]
        return [
            [i for i, mine in enumerate(self._series) if mine == number]
            for number in sorted(set(self._series))
        ]

    def _same_again(self) -> bool:
        """True if two trainings in a row left out the same."""
        seconds = (_mask(run.again, run) for run in self.ran)
        return any(
            first is not None and second is not None and np.array_equal(first.kept, second.kept)
            for first, second in zip(self.masks, seconds, strict=True)
        )

    def _chance(self, pool: Sequence[int]) -> float:
        """How likely it is that a right layer keeps a share as far off in these runs, of one probability."""
        masks = [m for i in pool if (m := self.masks[i]) is not None]
        kept, count = sum(int(m.kept.sum()) for m in masks), sum(m.kept.size for m in masks)
        return chance(kept, count, self.kept[pool[0]])

    def _wrong_scale(self) -> Message | None:
        if self.form is not None:
            return None
        scales = [m.scale for m in self.masks if m is not None]
        wrong = [
            i for i, (s, q) in enumerate(zip(scales, self.kept, strict=True)) if not _near(s, 1 / q)
        ]
        return M(
            "What is kept in training is multiplied by {actual}, where {share} is kept; it should be {inverted}, or 1 if testing scales.",
            actual=model.number(scales[wrong[0]]),
            share=_percent(self.kept[wrong[0]]),
            inverted=model.number(1 / self.kept[wrong[0]]),
        )

    def _backward(self) -> CheckResult:
        what = M("The gradient of the input (dX)")
        if self._plan.layer.backward is None:
            return model.told_plainly("dX", "dX", M(
                "{name} has no method that computes gradients (backward).", name=self._plan.layer.definition.name))  # fmt: skip
        if not self._drops:
            return _unchecked("dX")
        for run, mask in zip(self.ran, self.masks, strict=True):
            assert mask is not None
            fault = self._shown("dX", what, run.back, run.went_back, run)
            if fault is not None:
                return fault
            right, actual = run.dy * mask.factors, run.back.entries[0].array
            if explained(actual, right, self._spec.tolerance, Sums(1)) is None:
                return model.compare("dX", "dX", what, actual, right)
        return model.passed("dX", "dX", M(
            "{what} is right in {n} random cases.", what=what, n=len(self.ran)))  # fmt: skip

    def _test(self) -> CheckResult:
        what = M("The output in a test")
        if not self._drops:
            return _unchecked("test")
        if self._plan.mode.told is Told.NOTHING:
            if not self._passed_by:
                return model.skipped("test", "test", M(
                    "Not checked: it was not found how {name} is told that it is a test.",
                    name=self._plan.layer.definition.name))  # fmt: skip
            if self.form is Form.INVERTED:
                self.notes.append(M("the network leaves it out in a test"))
                return model.passed("test", "test", M("In a test the network leaves it out."))
            return CheckResult("test", "test", model.FAILED, M(
                "The network leaves it out in a test, so that training has to scale by {inverted}.",
                inverted=model.number(1 / self.kept[0])))  # fmt: skip
        for run, share in zip(self.ran, self.kept, strict=True):
            fault = self._shown("test", what, run.test, run.tested, run)
            if fault is not None:
                return fault
            actual = run.test.entries[0].array
            rights = [run.x * factor for factor in self._test_factors(share)]
            if all(explained(actual, r, self._spec.tolerance, Sums(1)) is None for r in rights):
                return model.compare("test", "test", what, actual, rights[0])
        return model.passed("test", "test", M(
            "{what} is right in {n} random cases.", what=what, n=len(self.ran)))  # fmt: skip

    def _test_factors(self, share: float) -> list[float]:
        """By what testing may multiply: what training shows tells it."""
        return {Form.INVERTED: [1.0], Form.PLAIN: [share], None: [1.0, share]}[self.form]

    def _repeat(self) -> CheckResult:
        if not self._drops:
            return _unchecked("repeat")
        if self._same_again():
            return model.told_plainly("repeat", "repeat", M(
                "Two trainings leave out the same elements: they are to be drawn anew in each call."))  # fmt: skip
        for run in self.ran:
            for place, ended, what in (
                (run.again, run.repeated, M("In a training after another one the output is no dropout of the input.")),
                (run.after, run.returned, M("In a training after a test the output is no dropout of the input.")),
            ):  # fmt: skip
                if not ended:
                    return self._raised("repeat", True, run)
                mask = _mask(place, run) if place is not None else None
                if place is not None and (mask is None or not mask.drops):
                    return model.told_plainly("repeat", "repeat", what)
        for run in self._warmed:
            back, mask = run.back.entries, _mask(run.train, run)
            if not run.trained or (not run.went_back and self.ran[0].went_back):
                return self._raised("repeat", not run.trained, run)
            if mask is None or not mask.drops:
                return model.told_plainly("repeat", "repeat", M(
                    "After a batch of another size the output is no dropout of the input."))  # fmt: skip
            if back and self.ran[0].back.entries:
                same = [
                    explained(
                        r.back.entries[0].array, r.dy * m.factors, self._spec.tolerance, Sums(1)
                    )
                    for r, m in ((run, mask), (self.ran[0], self.masks[0]))
                    if m is not None
                ]
                if same[0] is None and same[-1] is not None:
                    what = M(
                        "{what} after a batch of another size",
                        what=M("The gradient of the input (dX)"),
                    )
                    return model.compare(
                        "repeat", "repeat", what, back[0].array, run.dy * mask.factors
                    )
        return model.passed("repeat", "repeat", M("Each training draws anew what it leaves out."))

    def _tell(self) -> None:
        if self.form is Form.INVERTED:
            self.notes.append(M("inverted: training scales what is kept, testing changes nothing"))
        elif self.form is Form.PLAIN:
            self.notes.append(M("not inverted: testing scales by the share that is kept"))
        plan = self._plan
        if plan.means is Meaning.EITHER and self._drops:
            keeps = self.kept == [run.probability for run in self.ran]
            self.notes.append(
                M("{name} is the probability to keep an element", name=plan.name)
                if keeps
                else M("{name} is the probability to leave an element out", name=plan.name)
            )
        damaged = sorted({name for run in self.ran for name in run.damaged})
        if damaged:
            self.notes.append(
                M("the arrays passed in are changed: {names}", names=", ".join(damaged))
            )


def _mask(place: Standing, run: DropoutRun) -> Mask | None:
    """What a call did to the input of the run."""
    return mask_of(run.x, place.entries[0].array) if place.entries else None


def _unchecked(facet: str) -> CheckResult:
    return model.skipped(
        facet, facet, M("Not checked: in training nothing is left out of the input.")
    )


def _near(actual: float, right: float) -> bool:
    return math.isfinite(actual) and (
        explained(np.full(8, actual), np.full(8, right), 1e-6, Sums(1)) is not None
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
