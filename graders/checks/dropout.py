"""Checks of a dropout: what is left out and how it is scaled, the way back, testing, and new draws.

What is drawn is judged by statistics: a right layer fails all bounds together less than once in a million gradings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from graders.binding.dropout_search import DropoutPlan, DropoutRun, DropoutSearch, Meaning
from graders.binding.modes import Told
from graders.checks import model
from graders.checks.model import CheckResult
from graders.messages import M, Message
from graders.rounding import Sums, explained
from graders.sandbox.session import OutOfBudget
from graders.specs import ItemSpec

ONE_RUN = 5.7  # standard errors of the share that is kept in one run; two-sided 1.2e-8
ALL_RUNS = 5.3  # of all runs together, and of what depends on rows, columns or the input; 1.2e-7
PROBABILITIES = ((0.25, 0.4), (0.6, 0.75))  # drawn from both in turn: no 1 - p is near any p
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


def depends(masks: Sequence[np.ndarray], axis: int) -> float:
    """In standard errors, how much more the sums of masks along an axis differ than those of independent draws."""
    total: float = 0.0
    freedom: int = 0
    for kept in masks:
        q, n = float(np.mean(kept)), kept.shape[axis]
        if 0 < q < 1:
            sums = kept.sum(axis=axis)
            total += float(np.sum((sums - n * q) ** 2)) / (n * q * (1 - q))
            freedom += sums.size - 1
    if not freedom:
        return 0.0
    spread = 2 / (9 * freedom)  # Wilson and Hilferty 1931
    return (math.cbrt(total / freedom) - (1 - spread)) / math.sqrt(spread)


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
        for number in range(self._spec.cases):
            self.ran.append(search.run(plan, self._probability(number), search.case(rng)))
            if not self.ran[0].trained:
                return
        for number in range(WARMED):
            before = [search.case(rng), search.case(rng)]
            probability = self._probability(number)
            self._warmed.append(search.run(plan, probability, search.case(rng), before))

    def _probability(self, number: int) -> float:
        low, high = PROBABILITIES[number % 2]
        return self._plan.own or round(float(self._rng.uniform(low, high)), 3)

    def _settle(self) -> None:
        """What each run did, which share of it should be kept, and when it scales."""
        for run in self.ran:
            entries = run.train.entries
            self.masks.append(mask_of(run.x, entries[0].array) if entries else None)
        meant = (
            [Meaning.KEPT, Meaning.DROPPED]
            if self._plan.means is Meaning.EITHER
            else [self._plan.means]
        )
        shares = [[m.kept(run.probability)[0] for run in self.ran] for m in meant]
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

    def _forward(self) -> CheckResult:
        what = M("The output in training")
        for run, mask in zip(self.ran, self.masks, strict=True):
            if run.train.rivals:
                return model.ambiguous("forward", "forward", what, run.train.rivals)
            if not run.train.entries:
                if not run.trained:
                    return self._raised("forward", True, run)
                return CheckResult("forward", "forward", model.FAILED, M(
                    "{call} gives nothing that has the input's shape.", call=self._call(True)))  # fmt: skip
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
        drawn = [m.kept for m in masks]
        if depends(drawn, 0) > ALL_RUNS:
            return M(
                "Elements of different samples are left out together: each is to be drawn by itself."
            )
        if depends(drawn, 1) > ALL_RUNS:
            return M("Elements of one sample are left out together: each is to be drawn by itself.")
        if follows(drawn, [run.x for run in self.ran]) > ALL_RUNS:
            return M("What is left out depends on the input.")
        sizes = [m.kept.size for m in masks]
        off = [n * (m.share - q) for n, m, q in zip(sizes, masks, self.kept, strict=True)]
        spreads = [math.sqrt(n * q * (1 - q)) for n, q in zip(sizes, self.kept, strict=True)]
        apart = [abs(a) / s for a, s in zip(off, spreads, strict=True)]
        together = abs(sum(off)) / math.sqrt(sum(s * s for s in spreads))
        if max(apart) > ONE_RUN or together > ALL_RUNS:
            worst = int(np.argmax(apart))
            return M(
                "In training {actual} of the elements are kept, where {name} is {probability}; it should be {expected}.",
                actual=_percent(masks[worst].share),
                name=self._plan.name,
                probability=model.number(self.ran[worst].probability),
                expected=_percent(self.kept[worst]),
            )
        return None

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
            return CheckResult("dX", "dX", model.FAILED, M(
                "{name} has no method that computes gradients (backward).", name=self._plan.layer.definition.name))  # fmt: skip
        if not self._drops:
            return _unchecked("dX")
        for run, mask in zip(self.ran, self.masks, strict=True):
            assert mask is not None
            if not run.went_back:
                return self._raised("dX", False, run)
            if run.back.rivals:
                return model.ambiguous("dX", "dX", what, run.back.rivals)
            if not run.back.entries:
                return CheckResult("dX", "dX", model.FAILED, M(
                    "{what} was not found: neither returned nor kept by the layer.", what=what))  # fmt: skip
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
                return CheckResult("test", "test", model.FAILED, M(
                    "Nothing tells {name} that it is a test, in which nothing may be left out.",
                    name=self._plan.layer.definition.name))  # fmt: skip
            if self.form is Form.INVERTED:
                self.notes.append(M("the network leaves it out in a test"))
                return model.passed("test", "test", M("In a test the network leaves it out."))
            return CheckResult("test", "test", model.FAILED, M(
                "The network leaves it out in a test, so that training has to scale by {inverted}.",
                inverted=model.number(1 / self.kept[0])))  # fmt: skip
        for run, share in zip(self.ran, self.kept, strict=True):
            if run.test.rivals:
                return model.ambiguous("test", "test", what, run.test.rivals)
            if not run.test.entries:
                if not run.tested:
                    return self._raised("test", True, run)
                return CheckResult("test", "test", model.FAILED, M(
                    "{call} gives nothing that has the input's shape.", call=self._call(True)))  # fmt: skip
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
        for run, mask in zip(self.ran, self.masks, strict=True):
            again = mask_of(run.x, run.again.entries[0].array) if run.again.entries else None
            if again is not None and mask is not None and np.array_equal(again.kept, mask.kept):
                return CheckResult("repeat", "repeat", model.FAILED, M(
                    "Two trainings leave out the same elements: they are to be drawn anew in each call."))  # fmt: skip
        for run in self._warmed:
            entries, back = run.train.entries, run.back.entries
            mask = mask_of(run.x, entries[0].array) if entries else None
            if not run.trained or (not run.went_back and self.ran[0].went_back):
                return self._raised("repeat", not run.trained, run)
            if mask is None or not mask.drops:
                return CheckResult("repeat", "repeat", model.FAILED, M(
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
