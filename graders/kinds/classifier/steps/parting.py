"""Where a student's steps part from the reference's, named where a known mistake explains it."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.kinds.classifier.programs import Given
from graders.kinds.classifier.step_arrays import labels_in
from graders.kinds.classifier.stepping import Call
from graders.kinds.classifier.steps.moves import Move, Moves, fitting, kept_in
from graders.kinds.classifier.steps.nodes import Array
from graders.kinds.classifier.steps.replica import N_CLASSES, Place, Replica
from graders.kinds.classifier.watched_steps import Step
from graders.messages import M, Message
from reference import softmax


class Cause(enum.Enum):
    """What a parting is due to, as far as it decides what is tried next."""

    STEPS = "its steps are others"
    DEAD = "a weight has no gradient; from another start it may have one"
    LARGE = "too much, or too long: with fewer images all of it may be seen"
    FOREIGN = "it goes through other digits of the module's than those that it was given"


@dataclass(frozen=True)
class Parting:
    """Why nothing is proved: for the log, and in words where it is a known mistake."""

    log: str
    message: Message | None = None
    cause: Cause = Cause.STEPS

    def __str__(self) -> str:
        return str(self.message) if self.message is not None else self.log


@dataclass(frozen=True)
class _Case:
    """What the rules below look at: one weight that moves otherwise, among all."""

    place: Place
    layer: str
    moves: Moves
    steps: Sequence[Step]
    replica: Replica
    batches: Sequence[Array]
    given: Given

    @property
    def own(self) -> Sequence[Move]:
        """The moves of that weight."""
        return self.moves[self.place]


def of_batches(batches: Sequence[Array], given: Given) -> Parting | None:
    """Whether every image comes once an epoch."""
    often = np.bincount(np.concatenate(batches), minlength=len(given.rows))
    if np.all(often == given.epochs):
        return None
    n, epochs, never = len(given.rows), given.epochs, int(np.sum(often == 0))
    twice = int(np.sum(often > epochs))
    if never:
        text = M("of {n} images {never} are in no mini-batch", n=n, never=never)
    elif twice:
        text = M("of {n} images {twice} come more than once an epoch", n=n, twice=twice)
    else:
        text = M("of {n} images some are left out in an epoch", n=n)
    return Parting("images that come too often or too seldom", text)


def of_steps(
    replica: Replica,
    steps: Sequence[Step],
    batches: Sequence[Array],
    given: Given,
    moves: Moves,
    place: Place,
) -> Parting:
    """What explains a weight that moves otherwise."""
    told = _labels(steps, batches, given, replica)
    if told is not None:
        return Parting("labels", told)
    layer = next(c.named for c in steps[0].forward if c.instance == place[0])
    case = _Case(place, layer, moves, steps, replica, batches, given)
    for rule in (_late, _swapped, _after_update):
        told = next(rule(case), None)
        if told is not None:
            return Parting(rule.__name__, told)
    return Parting(f"{layer}: {place[1]} does not move by the reference's gradient")


def _labels(
    steps: Sequence[Step], batches: Sequence[Array], given: Given, replica: Replica
) -> Message | None:
    """Labels that belong to other images: told by the gradient that backward starts with."""
    wrong = own = 0
    for step, rows in zip(steps, batches, strict=True):
        last = step.forward[-1]
        places = list(replica.weights)
        replica.put({p: a for p, a in kept_in(step, places).items() if a is not None})
        p = softmax(replica.forward(step.forward[0].given[0]))
        back = step.back.get(last.instance)
        targets = None if back is None else _targets(p, back)
        if targets is None:
            return None
        wrong += int(np.sum(targets != given.classes[rows]))
        own += int(np.sum(targets == given.digits[rows]))
    if not wrong:
        return None
    n = sum(len(rows) for rows in batches)
    if own == n:
        return M("it learns labels of the module, not those that it is given")
    return M("{wrong} of {n} images come with the label of another one", wrong=wrong, n=n)


def _targets(p: Array, back: Call) -> Array | None:
    """The classes by which an array that backward takes or gives is the gradient of the scores."""
    arrays = [a.reshape(p.shape) for a in (*back.back, *back.given) if a.size == p.size]
    found = (labels_in(p, array) for array in arrays if p.shape[1] == N_CLASSES)
    return next((t.argmax(axis=1) for scale, t in filter(None, found) if scale > 0), None)


# -- one weight ----------------------------------------------------------------------------------


def _late(case: _Case) -> Iterator[Message]:
    """Moved by the gradient of the step before."""
    late = [
        replace(move, gradient=before.gradient, n=before.n)
        for before, move in zip(case.own[:-1], case.own[1:], strict=True)
    ]
    if len(late) >= 2 and fitting(late) is not None:
        yield M(
            "{name} of {layer} is moved by the gradient of the mini-batch before",
            name=case.place[1],
            layer=case.layer,
        )


def _swapped(case: _Case) -> Iterator[Message]:
    """Moved by the gradient of another weight."""
    for other, theirs in case.moves.items():
        if other == case.place or theirs[0].gradient.shape != case.own[0].gradient.shape:
            continue
        swapped = [replace(m, gradient=t.gradient) for m, t in zip(case.own, theirs, strict=True)]
        if fitting(swapped) is not None:
            label = next(c.named for c in case.steps[0].forward if c.instance == other[0])
            yield M(
                "{name} of {layer} is moved by the gradient of {other} of {their}",
                name=case.place[1],
                layer=case.layer,
                other=other[1],
                their=label,
            )


def _after_update(case: _Case) -> Iterator[Message]:
    """The gradient went back through weights that had been updated before."""
    places, moved = list(case.replica.weights), []
    for i, (step, rows) in enumerate(zip(case.steps, case.batches, strict=True)):
        before = {p: m[i].before for p, m in case.moves.items()}
        after = {p: m[i].after for p, m in case.moves.items()}
        case.replica.put({p: before[p] for p in places})
        gradients = case.replica.gradients(
            step.forward[0].given[0], case.given.classes[rows], after
        )
        moved.append(replace(case.own[i], gradient=gradients[case.place]))
    if fitting(moved) is not None:
        yield M(
            "the gradient reaches {layer} through weights that the same step has already changed: what backward returns is computed after the update",
            layer=case.layer,
        )
