"""How each weight moved in each step, and by which rule of an optimiser."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.binding.programs import Given
from graders.binding.stepping import Watched
from graders.messages import M, Message
from graders.steps.nodes import Array
from graders.steps.reading import Step
from graders.steps.replica import Place, Replica, Rule, Squares

DOUBLE, SINGLE = 1e-9, 1e-4  # relative to the largest weight, and a thousand times to the change
EPSILONS = (1e-7, 1e-8, 0.0, 1e-6, 1e-10, 1e-5, 1e-4, 1e-3, 1e-9, 1e-12)


@dataclass(frozen=True)
class Move:
    """One weight in one step. `gradient`: the reference's, of the summed loss at that weight."""

    before: Array
    after: Array
    gradient: Array
    n: int
    single: bool = False  # it, or what its gradient is made of, is kept in single precision

    @property
    def change(self) -> Array:
        """What was subtracted."""
        return self.before - self.after


Moves = Mapping[Place, Sequence[Move]]


def moves_of(
    replica: Replica, steps: Sequence[Step], batches: Sequence[Array], seen: Watched, given: Given
) -> dict[Place, list[Move]] | None:
    """The moves of every weight; None if one is not kept under one name in one shape."""
    places = list(replica.weights)
    before = [kept_in(step, places) for step in steps]
    last = {place: seen.after.get(place[0], {}).get(place[1]) for place in places}
    moves: dict[Place, list[Move]] = {place: [] for place in places}
    for i, (step, rows) in enumerate(zip(steps, batches, strict=True)):
        outputs = [a for call in (*step.forward, *step.back.values()) for a in call.back]
        here, after = before[i], before[i + 1] if i + 1 < len(steps) else last
        known = {place: array for place, array in here.items() if array is not None}
        if len(known) < len(places):
            return None
        replica.put(known)
        gradients = replica.gradients(step.forward[0].given[0], given.classes[rows])
        for place, old in known.items():
            new = after[place]
            if new is None or old.shape != new.shape:
                return None
            single = any(a.dtype.itemsize < 8 for a in (old, *outputs))
            both = np.asarray(old, np.float64), np.asarray(new, np.float64)
            moves[place].append(Move(*both, gradients[place], step.n, single))
    return moves


def kept_in(step: Step, places: Sequence[Place]) -> dict[Place, Array | None]:
    """The weights as they were in the forward of a step."""
    kept = {call.instance: call.kept for call in step.forward}
    return {(k, name): kept.get(k, {}).get(name) for k, name in places}


Slip = Callable[[str, str, int], Message]
"""What is said of a known mistake in how a weight is moved: by layer, name and samples of a step."""


def is_dead(moves: Sequence[Move]) -> bool:
    """True if fewer than two steps have a gradient at all: dead units show nothing."""
    return sum(bool(np.any(m.gradient)) for m in moves) < 2


def fitting(moves: Sequence[Move]) -> Rule | None:
    """The plainest right rule that explains every step of one weight; None if none does.

    None where too few steps show anything, too.
    """
    if is_dead(moves):
        return None
    forms = _right(max(m.n for m in moves))
    return next((rule for form in forms if (rule := fitted(form, moves)) is not None), None)


def slipping(moves: Sequence[Move]) -> tuple[Rule, Slip] | None:
    """A rule with a known mistake that explains every step of one weight."""
    if is_dead(moves):
        return None
    if not any(np.any(m.change) for m in moves):
        return Rule(rate=0.0), still
    for form, slip in _wrong(max(m.n for m in moves)):
        rule = fitted(form, moves)
        if rule is not None:
            return rule, slip
    return None


def fitted(form: Rule, moves: Sequence[Move]) -> Rule | None:
    """The form with the learning rate that explains every step; None if none does."""
    rate = rate_of(form, moves)
    if rate is None or not rate > 0:
        return None
    rule = replace(form, rate=rate)
    return rule if _explains(rule, moves) else None


def _right(whole: int) -> Iterator[Rule]:
    yield from (Rule(), Rule(mean=True))
    yield from _divided(Squares.SUMMED, 0.0, whole)


def _divided(squares: Squares, start: float, whole: int) -> Iterator[Rule]:
    """Forms with squares. A gradient that is divided by the size of a whole mini-batch, whatever
    the number of samples, is as if the eps were that much larger."""
    for eps, outside, mean, shared, larger in itertools.product(
        EPSILONS, (False, True), (False, True), (False, True), (1, whole)
    ):
        if not (outside and eps == 0):
            scaled = eps * larger if outside else eps * larger**2
            yield Rule(1.0, mean, shared, squares, scaled, outside, start)


def still(layer: str, name: str, n: int) -> Message:
    """No step moves it."""
    return M(
        "the weights of {layer} do not change in a step ({names})",
        layer=layer,
        names=name,
    )


def _twice(layer: str, name: str, n: int) -> Message:
    return M(
        "the mean over the samples is taken twice, so that the weights of {layer} move {n} times less than the learning rate says",
        layer=layer,
        n=n,
    )


def _latest(layer: str, name: str, n: int) -> Message:
    return M(
        "AdaGrad's H of {name} of {layer} is not added up: it is the square of the latest gradient alone",
        name=name,
        layer=layer,
    )


def _from_one(layer: str, name: str, n: int) -> Message:
    return M("AdaGrad's H of {name} of {layer} starts at 1 instead of 0", name=name, layer=layer)


def _one(layer: str, name: str, n: int) -> Message:
    return M(
        "AdaGrad adds the squares of all gradients of {name} of {layer} up to one number; H has the shape of the weight",
        name=name,
        layer=layer,
    )


def _wrong(whole: int) -> Iterator[tuple[Rule, Slip]]:
    yield Rule(mean=True, shared=True), _twice
    for squares, start, slip in (
        (Squares.LATEST, 0.0, _latest),
        (Squares.SUMMED, 1.0, _from_one),
        (Squares.ONE_SUM, 0.0, _one),
        (Squares.ONE_MEAN, 0.0, _one),
    ):
        yield from ((rule, slip) for rule in _divided(squares, start, whole))


def rate_of(form: Rule, moves: Sequence[Move]) -> float | None:
    """The learning rate by which the form comes nearest to the steps."""
    state: Array | None = None
    product = square = 0.0
    for move in moves:
        step, state = form.step(move.gradient, move.n, state)
        product += float(np.sum(step * move.change))
        square += float(np.sum(step * step))
    return product / square if square and np.isfinite(product) else None


def _explains(rule: Rule, moves: Sequence[Move]) -> bool:
    state: Array | None = None
    for move in moves:
        change, state = rule.step(move.gradient, move.n, state)
        error = float(np.max(np.abs(move.after - (move.before - change)), initial=0.0))
        tolerance = SINGLE if move.single else DOUBLE
        size = float(np.max(np.abs(move.before), initial=0.0))
        moved = float(np.max(np.abs(change), initial=0.0))
        # A weight that hardly moves is no proof of how; below that is the weight's own rounding.
        if not error <= min(tolerance * max(size, moved), 1000 * tolerance * moved + 1e-15 * size):
            return False
    return True
