"""How each weight moved in each step, and by which rule of an optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.kinds.classifier.programs import Given
from graders.kinds.classifier.stepping import Watched
from graders.kinds.classifier.steps.nodes import Array
from graders.kinds.classifier.steps.replica import Place, Replica
from graders.kinds.classifier.steps.rules import Moving, Rule, right_rules, wrong_rules
from graders.kinds.classifier.watched_steps import Step
from reference import SGD

DOUBLE, SINGLE = 1e-9, 1e-4  # relative to the largest weight, and a thousand times to the change


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


def is_dead(moves: Sequence[Move]) -> bool:
    """True if fewer than two steps have a gradient at all: dead units show nothing."""
    return sum(bool(np.any(m.gradient)) for m in moves) < 2


def fitting(moves: Sequence[Move]) -> Rule | None:
    """The plainest right rule that explains every step of one weight; None if none does.

    None where too few steps show anything, too.
    """
    return None if is_dead(moves) else _first(right_rules(max(m.n for m in moves)), moves)


def slipping(moves: Sequence[Move]) -> Rule | None:
    """A rule with a known mistake that explains every step of one weight."""
    if is_dead(moves):
        return None
    if not any(np.any(m.change) for m in moves):
        return Rule(SGD, rate=0.0)
    return _first(wrong_rules(max(m.n for m in moves)), moves)


def _first(rules: Iterable[Rule], moves: Sequence[Move]) -> Rule | None:
    return next((found for rule in rules if (found := _fitted(rule, moves)) is not None), None)


def _fitted(rule: Rule, moves: Sequence[Move]) -> Rule | None:
    """The rule with the learning rate that explains every step; None if none does."""
    found: Rule | None = None
    for some in (moves[:1], moves):  # most rules are out after the first step, if it shows anything
        rate = _rate(rule, some)
        if rate is None:
            continue
        found = replace(rule, rate=rate) if rate > 0 else None
        if found is None or not _explains(found, some):
            return None
    return found


def _rate(rule: Rule, moves: Sequence[Move]) -> float | None:
    """The learning rate by which the rule comes nearest to the steps."""
    moving = Moving(rule, moves[0].before.shape)
    product = square = 0.0
    for move in moves:
        step = moving.step(move.gradient, move.n)
        product += float(np.sum(step * move.change))
        square += float(np.sum(step * step))
    return product / square if square and np.isfinite(product) else None


def _explains(rule: Rule, moves: Sequence[Move]) -> bool:
    moving = Moving(rule, moves[0].before.shape)
    for move in moves:
        change = moving.step(move.gradient, move.n)
        error = float(np.max(np.abs(move.after - (move.before - change)), initial=0.0))
        tolerance = SINGLE if move.single else DOUBLE
        size = float(np.max(np.abs(move.before), initial=0.0))
        moved = float(np.max(np.abs(change), initial=0.0))
        # A weight that hardly moves is no proof of how; below that is the weight's own rounding.
        if not error <= min(tolerance * max(size, moved), 1000 * tolerance * moved + 1e-15 * size):
            return False
    return True
