"""Whether weights moved as an optimiser's rule says, step by step.

A step is right with the summed gradient as well as with its mean over the batch, so long as
it is one of them throughout, and with one small constant beside H, so long as it is the same in
every element. What a wrong rule would have done is computed, too, so that the
mistake can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from graders.binding.optimizer_steps import Truth
from graders.checks import model
from graders.messages import M, Message
from graders.rounding import Sums, explained, relative_error

NEAR = {"sgd": 1e-5, "adagrad": 1e-3}  # of a wrong step to the mistake that it is named after
EPSILON = 1e-4  # the largest constant beside H that only keeps it away from zero
SCALES = ("sum", "mean")


Moves = Sequence[np.ndarray]
_Rule = Callable[[Moves, Sequence[int]], list[np.ndarray]]  # by lr = 1


def right_moves(rule: str, truth: Truth, lr: float) -> dict[str, list[np.ndarray]]:
    """What each step adds to the array, by scale."""
    step = _sgd if rule == "sgd" else _adagrad
    return {s: [-lr * m for m in step(truth.scaled(s), truth.batches)] for s in SCALES}


def scale_of(rule: str, truth: Truth, lr: float, moves: Moves) -> str | None:
    """The scale under which every step is right; None if there is none."""
    for scale, expected in _right(rule, truth, lr, moves):
        right = len(moves) == len(expected) and all(
            _is(m, e, truth) for m, e in zip(moves, expected, strict=True)
        )
        if right:
            return scale
    return None


def _right(rule: str, truth: Truth, lr: float, moves: Moves) -> Iterator[tuple[str, Moves]]:
    """What is right, by scale; for AdaGrad with the constant, too, that the steps show."""
    for scale, expected in right_moves(rule, truth, lr).items():
        yield scale, expected
        shaped = moves and moves[0].shape == truth.gradients[0].shape
        if rule == "adagrad" and shaped:
            for guarded in _guarded(truth.scaled(scale), lr, moves[0]):
                yield scale, [-lr * m for m in guarded]


def _guarded(gradients: Moves, lr: float, move: np.ndarray) -> Iterator[list[np.ndarray]]:
    """AdaGrad with a small constant beside the root or under it, as the first step shows it in
    its smallest gradient.
    """
    at = np.unravel_index(int(np.argmin(np.abs(gradients[0]))), move.shape)
    small = float(np.abs(gradients[0][at]))
    if not np.isfinite(move[at]) or move[at] == 0:
        return
    root = abs(lr * small / float(move[at]))
    beside, under = root - small, root * root - small * small
    if 0 < beside <= EPSILON:
        yield _adagrad(gradients, (), 0.0, beside)
    if 0 < under <= EPSILON:
        yield _adagrad(gradients, (), under)


def _is(move: np.ndarray, expected: np.ndarray, truth: Truth) -> bool:
    """True if rounding explains the difference: the array that moved was rounded, too."""
    sums = Sums(max(truth.batches), truth.start)
    return explained(move, expected, 0.0, sums) is not None


def mistake(rule: str, truth: Truth, lr: float, moves: Moves) -> Message | None:
    """The known mistake that explains the steps; None if none does."""
    if len(moves) < len(truth.gradients):
        return None
    if all(not np.any(m) for m in moves):
        return M("it does not change")
    for text, made in _mistakes(rule):
        for scale in SCALES:
            with np.errstate(all="ignore"):
                wrong = [-lr * m for m in made(truth.scaled(scale), truth.batches)]
            if _agree(moves, wrong, NEAR[rule]):
                return text
    return None


def first_wrong(rule: str, truth: Truth, lr: float, moves: Moves) -> tuple[int, np.ndarray]:
    """The first step that no scale explains, and what it should have added (the nearer scale)."""
    best: tuple[int, np.ndarray] = (-1, np.zeros(0))
    error = np.inf
    for _, expected in _right(rule, truth, lr, moves):
        for number, (move, wanted) in enumerate(zip(moves, expected, strict=False)):
            wrong = relative_error(move, wanted)
            if not _is(move, wanted, truth):
                if number > best[0] or (number == best[0] and wrong < error):
                    best, error = (number, wanted), wrong
                break
    return best


def _agree(moves: Moves, expected: Moves, tolerance: float) -> bool:
    return len(moves) == len(expected) and all(
        m.shape == e.shape and relative_error(m, e) <= tolerance
        for m, e in zip(moves, expected, strict=True)
    )


# -- rules ------------------------------------------------------------------------------------


def _sgd(gradients: Moves, batches: Sequence[int]) -> list[np.ndarray]:
    return [np.asarray(g) for g in gradients]


def _adagrad(
    gradients: Moves, batches: Sequence[int], start: float = 0.0, beside: float = 0.0
) -> list[np.ndarray]:
    h = np.full_like(gradients[0], start)
    steps = []
    for g in gradients:
        h = h + g * g
        steps.append(g / (np.sqrt(h) + beside))
    return steps


def _from_one(gradients: Moves, batches: Sequence[int]) -> list[np.ndarray]:
    return _adagrad(gradients, batches, 1.0)


def _divided(gradients: Moves, batches: Sequence[int]) -> list[np.ndarray]:
    return [s / n for s, n in zip(_adagrad(gradients, batches), batches, strict=True)]


def _multiplied(gradients: Moves, batches: Sequence[int]) -> list[np.ndarray]:
    return [s * n for s, n in zip(_adagrad(gradients, batches), batches, strict=True)]


def _not_summed(gradients: Moves, batches: Sequence[int]) -> list[np.ndarray]:
    return [np.sign(g) for g in gradients]


def _one_number(start: float, reduce: Callable[[np.ndarray], float]) -> _Rule:
    def steps(gradients: Moves, batches: Sequence[int]) -> list[np.ndarray]:
        h, made = start, []
        for g in gradients:
            h += reduce(g)
            made.append(g / np.sqrt(h))
        return made

    return steps


def _mistakes(rule: str) -> Iterator[tuple[Message, _Rule]]:
    if rule == "sgd":
        yield (
            M("it moves up the gradient: the sign is wrong"),
            lambda gs, _: [-g for g in gs],
        )
        yield (
            M("the gradient is divided by the batch size twice"),
            lambda gs, ns: [g / n / n for g, n in zip(gs, ns, strict=True)],
        )
        return
    yield M("H starts at 1 instead of 0"), _from_one
    yield M("the step is divided by the batch size, but H holds the gradient undivided"), _divided
    yield M("H holds the mean gradient, but the step uses the summed one"), _multiplied
    yield M("it is a plain SGD step, without H"), _sgd
    yield M("H is overwritten in each step instead of added to"), _not_summed
    for start in (0.0, 1.0):
        for reduce in _REDUCED:
            yield (
                M("H is one number for the whole array instead of one for each element"),
                _one_number(start, reduce),
            )


_REDUCED: tuple[Callable[[np.ndarray], float], ...] = (
    lambda g: float(np.mean(g)) ** 2,
    lambda g: float(np.mean(g * g)),
    lambda g: float(np.sum(g * g)),
)


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
