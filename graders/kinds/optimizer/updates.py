"""Whether weights moved as an optimiser's reference moves them, step by step.

The reference, or another form that the spec counts as right, makes the same steps from the same weights.
A step is right with the summed gradient as well as with its mean over the batch, so long as it is one of
them throughout, and with one small constant beside a root, so long as it is the same in every element.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.cases import resolve
from graders.checks import model
from graders.kinds.optimizer.steps import Trial, Truth
from graders.messages import M, Message
from graders.rounding import Sums, explained, relative_error
from graders.specs import Form, ItemSpec
from graders.specs.tasks.optimizer import Arrays, defaults_of

SCALES = ("sum", "mean")
_HALVINGS = 60  # of the range in which a constant lies

Moves = Sequence[np.ndarray]


@dataclass(frozen=True)
class Explanation:
    """By which form of the rule each array moved, and by which scale; only those that moved rightly."""

    form: Form
    scales: Mapping[str, str]


def near(spec: ItemSpec) -> float:
    """How near wrong steps are to those of the mistake that they are named after: a constant that is
    not known makes them differ a little.
    """
    return 1e-3 if any(h.upto for h in spec.hyperparameters.values()) else 1e-5


def forms(spec: ItemSpec) -> tuple[Form, ...]:
    """What counts as right, the spec's own reference first."""
    return (Form(spec.reference), *spec.forms)


def replayed(
    optimizer: Any,
    truths: Mapping[str, Truth],
    starts: Mapping[str, np.ndarray],
    scale: str,
    afresh: Collection[str] = (),
) -> dict[str, list[np.ndarray]]:
    """What each step of an optimiser that moves these arrays adds to them; `afresh`: those that it is
    handed as they were at first in every step.
    """
    layer = Arrays(starts)
    gradients = {side: truth.scaled(scale) for side, truth in truths.items()}
    moves: dict[str, list[np.ndarray]] = {side: [] for side in truths}
    with np.errstate(all="ignore"):
        for step, batch in enumerate(next(iter(truths.values())).batches):
            layer.grads = {side: of[step].astype(np.float64) for side, of in gradients.items()}
            layer._x = np.zeros((batch, 1))
            for side in afresh:
                layer.params[side][...] = starts[side]
            before = {side: array.copy() for side, array in layer.params.items()}
            optimizer.update(layer)
            for side, array in layer.params.items():
                moves[side].append(array - before[side])
    return moves


def made(optimizer: Any, rate: float, settings: Mapping[str, float]) -> Any:
    """An optimiser by a learning rate and those of the numbers that it takes."""
    takes = defaults_of(optimizer)
    return optimizer(rate, **{name: v for name, v in settings.items() if name in takes})


def numbers_of(spec: ItemSpec, trial: Trial) -> dict[str, float]:
    """The numbers besides the learning rate by which a trial's steps should be."""
    return {**{name: h.default for name, h in spec.hyperparameters.items()}, **trial.settings}


def explanation(spec: ItemSpec, trial: Trial) -> Explanation:
    """The form by which most of a trial's arrays moved rightly."""
    if trial.rates.rate is None or not spec.hyperparameters.keys() <= trial.settings.keys():
        return Explanation(forms(spec)[0], {})
    found = []
    for form in forms(spec):
        scales = {s: scale for s in trial.truths if (scale := _scale(spec, form, trial, s))}
        found.append(Explanation(form, scales))
        if len(scales) == len(trial.truths):
            break
    return max(found, key=lambda e: len(e.scales))


def _scale(spec: ItemSpec, form: Form, trial: Trial, side: str) -> str | None:
    """The scale under which every step of an array is right; None if there is none."""
    moves, truth = trial.moves.get(side, []), trial.truths[side]
    if len(moves) != len(truth.gradients):
        return None
    for scale, expected in _Right(spec, form, trial, side).ways():
        if all(_is(m, e, truth) for m, e in zip(moves, expected, strict=True)):
            return scale
    return None


class _Right:
    """What is right for one array of a trial, by one form."""

    def __init__(self, spec: ItemSpec, form: Form, trial: Trial, side: str) -> None:
        self._known = spec.hyperparameters
        self._form, self._rate = resolve(form.reference), trial.rate
        self._settings = numbers_of(spec, trial)
        self._truth, self._moves = trial.truths[side], trial.moves.get(side, [])
        self._start = trial.start_of(side)
        self._side, self._afresh = side, trial.afresh & {side}

    def ways(self) -> Iterator[tuple[str, Moves]]:
        """By scale what each step adds; also with a constant that the first step shows."""
        guards = [n for n in defaults_of(self._form) if self._known[n].upto]
        shaped = bool(self._moves) and self._moves[0].shape == self._start.shape
        for scale in SCALES:
            yield scale, self._steps(self._truth, scale)
            for guard in guards if shaped else ():
                shown = self._shown(guard, scale)
                if shown is not None:
                    yield scale, self._steps(self._truth, scale, {guard: shown})

    def _steps(
        self, truth: Truth, scale: str, shown: Mapping[str, float] | None = None
    ) -> list[np.ndarray]:
        optimizer = made(self._form, self._rate, {**self._settings, **(shown or {})})
        side = self._side
        return replayed(optimizer, {side: truth}, {side: self._start}, scale, self._afresh)[side]

    def _shown(self, guard: str, scale: str) -> float | None:
        """The constant with which the element of the smallest gradient moves as it did at first."""
        first = self._truth.first
        at = np.unravel_index(int(np.argmin(np.abs(first.gradients[0]))), self._start.shape)

        def off(value: float) -> float:
            return float(self._steps(first, scale, {guard: value})[0][at] - self._moves[0][at])

        low, high = 0.0, self._known[guard].upto
        below = off(low)
        if not below * off(high) <= 0:
            return None
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if off(middle) * below > 0 else (low, middle)
        return high


def _is(move: np.ndarray, expected: np.ndarray, truth: Truth) -> bool:
    """True if rounding explains the difference: the array that moved was rounded, too."""
    sums = Sums(max(truth.batches), truth.start)
    return explained(move, expected, 0.0, sums) is not None


def first_wrong(spec: ItemSpec, trial: Trial, side: str) -> tuple[int, np.ndarray]:
    """The first step that no right way explains, and what it should have added (the nearest way);
    -1 where one explains them all, or there is none.
    """
    best: tuple[int, np.ndarray] = (-1, np.zeros(0))
    error, truth, moves = np.inf, trial.truths[side], trial.moves.get(side, [])
    ways = (w for form in forms(spec) for _, w in _Right(spec, form, trial, side).ways())
    for expected in ways:
        pairs = enumerate(zip(moves, expected, strict=False))
        number = next((n for n, (m, e) in pairs if not _is(m, e, truth)), -1)
        if number < 0:
            return -1, np.zeros(0)
        wrong = relative_error(moves[number], expected[number])
        if number > best[0] or (number == best[0] and wrong < error):
            best, error = (number, expected[number]), wrong
    return best


def wrong_move(
    what: Message, number: int, move: np.ndarray, wanted: np.ndarray, why: Message | None
) -> Message:
    """One sentence: what moved wrongly, where, and the mistake if it is known."""
    if why is not None:
        return M("{what} is not updated as it should be: {why}.", what=what, why=why)
    if move.shape != wanted.shape:
        return M(
            "{what} changes its shape in step {step}: {actual} instead of {expected}.",
            what=what,
            step=number + 1,
            actual=model.shape_text(move.shape),
            expected=model.shape_text(wanted.shape),
        )
    compared = model.compare("", "", what, move, wanted)
    where = compared.where or ()
    return M(
        "{what} is wrong after step {step}: at index {where} it should change by {expected}, but changes by {actual}.",
        what=what,
        step=number + 1,
        where=model.shape_text(where),
        expected=model.number(wanted[where]),
        actual=model.number(move[where]),
    )
