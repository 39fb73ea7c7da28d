"""How a loss wants to be called, and which of its right forms an answer is.

The ways are softmax's (`softmax_search`): one call with predictions and targets, or a value and its derivative apart;
labels as one-hot rows or as numbers; the derivative returned, beside the loss, or kept. Which of the two is
the prediction is told by the names, where they tell it: the square of a difference does not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.arrays.matching import EXACT, Truth
from graders.binding import standing
from graders.binding.best import best_of
from graders.binding.candidates import loss_methods
from graders.binding.definitions import Callable_, Parameter
from graders.binding.lexicon import lexicon
from graders.binding.standing import Standing
from graders.binding.training_flag import is_flag
from graders.cases import resolve
from graders.kinds.softmax.search import (
    SoftmaxPlan,
    SoftmaxSearch,
    stands_backward,
    wanted_of,
)
from graders.rounding import Sums, explained
from graders.sandbox.session import Found, Outcome
from graders.specs import Form
from graders.specs.tasks.loss import drawn, made

_GUARD = 1e-5  # the largest number that students add to keep a logarithm from zero
_LEAST = 2  # that is shown by what may be a loss at all: a number
_MOST = 12  # plans of one layout and kind of labels

TARGET = re.compile(
    r"(t|y_?(true|truth|real|actual|train|test|gt|label\w*|t|i|idx|batch)|true\w*|correct\w*|ans\w*|actual\w*|gt|ground\w*|"
    r"one_?hot\w*|expect\w*|real\w*|truth\w*|\w*target\w*|\w*labels?\w*|classes|desired|c|d)_*",
    re.I,
)
PREDICTED = re.compile(
    r"(y_?_?(hat|pred\w*|out\w*|p|h|prob\w*|score\w*)|yhat|hat_?y|\w*pred\w*|out\w*|\w*scores?|\w*logits?|prob\w*|p|q|x|z|zs?|a\d?|al|h|yh|inputs?|"
    r"hypo\w*|dvalues|activations?)_*",
    re.I,
)


@dataclass(frozen=True)
class LossPlan(SoftmaxPlan):
    """A way to call a loss, with arrays of which forms (`domain`: the first form that takes the same), and whether there is
    one output a sample: ``column`` (N, 1), ``row`` (1, N) or ``flat`` (N,); "" where there are several.
    """

    domain: int = 0
    layout: str = ""


@dataclass(frozen=True)
class Reading:
    """One right form with one reduction: what the loss should be, and the derivatives that belong to it."""

    form: int
    reduction: str
    value: np.ndarray
    guarded: np.ndarray
    slopes: Mapping[str, np.ndarray]


@dataclass
class LossRun:
    """One case, run: what was found, and under which readings (by place) value and derivative are right."""

    plan: LossPlan
    outcome: Outcome
    x: np.ndarray
    t: np.ndarray
    readings: Sequence[Reading]
    value: Standing
    slope: Standing
    values: frozenset[int]
    slopes: frozenset[tuple[int, str]]
    numeric: bool  # forward gave something that a loss can be
    forward_ran: bool
    backward_ran: bool
    kept: tuple[str | int, ...] = ()
    y: Sequence[Found] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """True if value and derivative are right together."""
        return any(n in self.values for n, _ in self.slopes)

    @property
    def shows(self) -> int:
        """How much of a loss it is: all of it, its value, its derivative, a number."""
        score = 16 * self.whole + 8 * bool(self.values) + 4 * bool(self.slopes) + 2 * self.numeric
        return score + (self.backward_ran and self.numeric)


class LossSearch(SoftmaxSearch):
    """Finds the way a loss is called."""

    def _methods(self) -> tuple[Callable_ | None, Callable_ | None]:
        return loss_methods(self._spec, self._definition)

    @property
    def forms(self) -> tuple[Form, ...]:
        """What is right, the spec's own first."""
        return (Form(self._spec.reference), *self._spec.forms)

    # -- plans ---------------------------------------------------------------------------

    def best(self) -> LossPlan | None:
        """The plan that shows the most; None where nothing that could be a loss came out of any."""
        best = best_of(self._loss_runs(), lambda run: (run.shows,), lambda run: run.whole)
        return best.plan if best is not None and best.shows >= _LEAST else None

    def _loss_runs(self) -> Iterator[LossRun]:
        right = ""  # how forward was given the two arrays where it was right
        settled = "none"  # the first layout in which it gives a loss: it is judged in no other
        for plan in self._loss_plans():
            first = "".join(plan.forward).replace("T", "")
            if settled not in ("none", plan.layout) or (right and first != right):
                continue
            run = self.loss_run(plan, self.draw_for(plan, 0))
            self.tried.append(plan)
            # a loss that is right is what its first way made it: the square of a difference is right both ways
            right = right or (first if run.values else "")
            settled = plan.layout if run.numeric and settled == "none" else settled
            yield run

    def _loss_plans(self) -> Iterator[LossPlan]:
        forward = self._forward_method
        if forward is None:
            return
        one_hot = any(a.one_hot for a in self._spec.arguments.values())
        one = self._spec.sizes[self._spec.arguments["input"].axes[-1]][1] == 1
        layouts = ["column", "flat", "row"]
        if one_hot:
            layouts = [""]
        elif not one:
            layouts = ["", *layouts]
        elif "shape[1]" in self._definition.source:  # it counts samples along a row
            layouts = ["row", "column", "flat"]
        for layout in layouts:
            for numbered in (False, True) if one_hot else (False,):
                for domain in self._domains():
                    for given, way in itertools.islice(self._pairs(forward), _MOST):
                        yield LossPlan(
                            self._definition, self._construct, given, way, self._as_of,
                            numbered=numbered, domain=domain, layout=layout,
                        )  # fmt: skip

    def _domains(self) -> list[int]:
        """The first form of each kind of input."""
        seen: dict[str, int] = {}
        for i, form in enumerate(self.forms):
            seen.setdefault(repr(dict(form.arguments)), i)
        return list(seen.values())

    def _pairs(
        self, forward: Callable_
    ) -> Iterator[tuple[tuple[str, ...], tuple[str, ...] | None]]:
        wanted = wanted_of(forward)
        if len(wanted) < 2:
            wanted = list(forward.parameters[:2])
        flags = [is_flag(p) for p in wanted]
        arrays = [p for p, flag in zip(wanted, flags, strict=True) if not flag]
        if len(arrays) != 2:
            return
        orders = _orders(arrays)
        for order in orders:
            given = iter(order)
            filled = tuple("T" if flag else next(given) for flag in flags)
            for way in self._back(order):
                yield filled, way

    def _back(self, order: tuple[str, str]) -> list[tuple[str, ...] | None]:
        """What backward is given, where forward is given the arrays in this order."""
        backward = self._backward_method
        if backward is None:
            return [None]
        wanted = wanted_of(backward)
        if not wanted:
            return [()]
        if len(wanted) == 1:
            role = _role(wanted[0])
            if role:
                return [(role,)]
            upstream = lexicon().is_a(wanted[0].name, "upstream")
            return [("1",), ("Y",), ("A",)] if upstream else [("Y",), ("A",), ("1",), ("Z",)]
        ways: list[tuple[str, ...] | None] = []
        if len(wanted) == 2:
            told = _orders(wanted)
            ways += [told[0]] if len(told) == 1 else [order]
        for way in itertools.permutations("1AYZ", len(wanted)):
            known = [_role(p) for p in wanted]
            if all(k in ("", g) for k, g in zip(known, way, strict=True)) and (
                "1" in way or "Z" in way
            ):
                ways.append(way)
        return ways[:6]

    # -- running -------------------------------------------------------------------------

    def draw_for(self, plan: LossPlan, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Predictions and targets of the plan's form; sizes change from case to case."""
        sizes = {}
        for name, (low, high) in self._spec.sizes.items():
            sizes[name] = low + (number + int(self._rng.integers(0, 2)) * (name == "N")) % (
                high - low + 1
            )
        if plan.layout:
            sizes[self._spec.arguments["input"].axes[-1]] = 1
        return drawn(self._spec, self.forms[plan.domain].arguments, sizes, self._rng)

    def loss_run(
        self, plan: LossPlan, drawn_: tuple[np.ndarray, np.ndarray], before: tuple[np.ndarray, np.ndarray] | None = None
    ) -> LossRun:  # fmt: skip
        """One case; `before`: other data that is computed first on the same instance."""
        x, t = drawn_
        arrays, _ = self._arrays(plan, x, t)
        steps = [self._make(plan)]
        if before is not None:
            arrays += self._arrays(plan, *before)[0]
            warm = self._steps(plan, 2, 3, keep=False)
            steps += [{**s, "optional": True} for s in warm if s["do"] == "call"]
        first = len(steps)
        steps += self._steps(plan, 0, 1)
        outcome = self._session.run(steps, arrays, plan.as_of)
        return self._read_loss(plan, outcome, first, x, t)

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """For the repetition: any case of the form that was found."""
        return self.draw_for(self._repeated, 1)

    def repeated(self, plan: LossPlan) -> Outcome:
        """The same call two times, on one instance: ``one:y``, ``two:y`` and so on."""
        self._repeated = plan
        return self.twice(plan)

    def _arrays(
        self, plan: SoftmaxPlan, logits: np.ndarray, labels: np.ndarray
    ) -> tuple[list[np.ndarray], np.ndarray | None]:
        layout = plan.layout if isinstance(plan, LossPlan) else ""
        if plan.numbered:
            labels = labels.argmax(axis=1)
        return [_laid_out(layout, logits), _laid_out(layout, labels)], None

    # -- reading -------------------------------------------------------------------------

    def _readings(self, plan: LossPlan, x: np.ndarray, t: np.ndarray) -> list[Reading]:
        own = repr(dict(self.forms[plan.domain].arguments))
        found = []
        for number, form in enumerate(self.forms):
            if repr(dict(form.arguments)) != own:
                continue
            loss = resolve(form.reference)
            slopes = {}
            for reduction in self._spec.reductions:
                slopes[reduction] = _slope(loss, reduction, x, t, 0.0)
            for reduction in self._spec.reductions:
                wanted = [reduction] if reduction in ("mean", "batch", "sum") else list(slopes)
                if self._spec.unscaled and "sum" in slopes:
                    wanted = [*wanted, "sum"]
                mine = {name: slopes[name] for name in wanted}
                value, guarded = (
                    np.asarray(made(loss, reduction, g).forward(x, t)) for g in (0.0, _GUARD)
                )
                mine |= {f"{n} guarded": _slope(loss, n, x, t, _GUARD) for n in wanted}
                found.append(Reading(number, reduction, value, guarded, mine))
        return found

    def _read_loss(
        self, plan: LossPlan, outcome: Outcome, first: int, x: np.ndarray, t: np.ndarray
    ) -> LossRun:  # fmt: skip
        readings = self._readings(plan, x, t)
        y = [e for e in outcome.found if e.path[0] == "y"]
        kept = [e for e in outcome.found if e.path[0] == "pre:self"]
        ret = [e for e in outcome.found if e.path[0] in ("ret", "self")]
        value = (
            _stands_value(y, x, t)
            if y
            else _stands_value([e for e in kept if _LOSS.search(str(e.path[-1]))], x, t)
        )
        values = frozenset(
            n for n, r in enumerate(readings)
            if any(_between(e.array, r.value, r.guarded, self._spec.tolerance) for e in value.entries)
        )  # fmt: skip
        sent, _ = self._arrays(plan, x, t)
        known = [a for a in sent if a.dtype.kind == "f"]
        if plan.together:
            ret = [replace(e, path=("ret", *e.path[1:])) for e in y] + ret
        known += [e.array for e in value.entries if e.array.size == x.size and e.array.size > 1]
        axes = ("N", "D")
        slope = Standing()
        if plan.together or plan.backward is not None:
            slope = stands_backward(ret, kept, Truth(_any(readings, x), axes), known)
        slopes = set()
        for n, reading in enumerate(readings):
            for name, right in reading.slopes.items():
                if name.endswith(" guarded"):
                    continue
                other = reading.slopes[f"{name} guarded"]
                if any(
                    _between(_back_again(e.array, x), right, other, self._spec.tolerance)
                    for e in slope.entries
                ):
                    slopes.add((n, name))
        ran = outcome.outcomes[first : first + 1] == (True,)
        done = outcome.outcomes[first + 2 : first + 3] == (True,) and plan.backward is not None
        return LossRun(
            plan, outcome, x, t, readings, value, slope, values, frozenset(slopes),
            bool(value.entries or value.rivals), ran, ran if plan.together else done, (), y,
        )  # fmt: skip


def _any(readings: Sequence[Reading], x: np.ndarray) -> np.ndarray:
    """One of the derivatives, whose shape and layout tell what may stand for it."""
    return next((s for r in readings for s in r.slopes.values()), np.zeros_like(x))


def _slope(loss: Any, reduction: str, x: np.ndarray, t: np.ndarray, guard: float) -> np.ndarray:
    one = made(loss, reduction, guard)
    one.forward(x, t)
    return np.asarray(one.backward())


def _laid_out(layout: str, array: np.ndarray) -> np.ndarray:
    """An array of one output a sample as the layout has it."""
    if layout == "flat":
        return array.ravel()
    return np.ascontiguousarray(array.T) if layout == "row" else array


def _back_again(array: np.ndarray, x: np.ndarray) -> np.ndarray:
    """An array of one output a sample as (N, 1)."""
    return array.reshape(x.shape) if x.shape[1] == 1 and array.size == x.size else array


def _between(actual: np.ndarray, right: np.ndarray, guarded: np.ndarray, tolerance: float) -> bool:
    """True if it is right, or lies between that and what the largest guard makes of it."""
    if right.size == actual.size and (right.ndim == 0 or actual.size == right.shape[0]):
        actual = actual.reshape(right.shape)
    if actual.shape != right.shape or actual.dtype.kind not in "fiu":
        return False
    if explained(actual, right, tolerance, Sums(max(right.size, 8))) is not None:
        return True
    low, high = np.minimum(right, guarded), np.maximum(right, guarded)
    near = EXACT * max(float(np.max(np.abs(right))), 1.0)
    if np.array_equal(right, guarded):
        return False
    return bool(np.all((low - near <= actual) & (actual <= high + near)))


_LOSS = re.compile(r"loss|cost|entropy|err|output|value|mse", re.I)


def _stands_value(entries: Sequence[Found], x: np.ndarray, t: np.ndarray) -> Standing:
    """What stands for the loss: one number, else one a sample, else one an element."""
    real = [e for e in entries if e.array.dtype.kind == "f"]
    n = len(x)
    for level in (
        [e for e in real if e.array.size == 1],
        [e for e in real if e.array.shape in ((n,), (n, 1))],
        [e for e in real if e.array.shape == x.shape],
    ):
        if level:
            return standing.returned(level, _as_row, lambda name: _LOSS.search(name) is not None)
    return Standing()


def _as_row(entry: Found) -> list[np.ndarray]:
    return [entry.array.ravel()]


def _role(parameter: Parameter) -> str:
    """ "Y" or "A" where the name says which of the two it is; "" where it says nothing."""
    name = parameter.name.strip("_")
    if TARGET.fullmatch(name):
        return "Y"
    return "A" if PREDICTED.fullmatch(name) else ""


def _orders(parameters: Sequence[Parameter]) -> list[tuple[str, str]]:
    """The order of predictions and targets that two names tell; both, where they tell none."""
    one, two = (_role(p) for p in parameters)
    if one != two and "" not in (one, two):
        return [(one, two)]
    if one == two:
        return [("A", "Y"), ("Y", "A")]
    return [("A", "Y")] if one == "A" or two == "Y" else [("Y", "A")]
