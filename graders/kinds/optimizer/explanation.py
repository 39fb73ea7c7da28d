"""Why an optimiser failed: its steps, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graders.diagnosis import exceptions
from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.lessons import general
from graders.diagnosis.naming import named
from graders.kinds.optimizer import updates
from graders.kinds.optimizer.search import Trial
from graders.messages import M, Message
from graders.misconceptions import Diagnosis, Misconception, Name
from graders.rounding import relative_error
from graders.specs import ItemSpec

ENOUGH = 2  # steps that must agree
_SAME = 1e-6  # of the largest move


def diagnose_optimizer(spec: ItemSpec, trial: Trial, wrong: Sequence[str]) -> tuple[Diagnosis, ...]:
    """The mistake that explains the steps of W and of the bias, or of each by itself; `wrong`: which of
    them moved wrongly.
    """
    facet = next(iter(spec.facets))
    if not wrong:
        return ()
    if not trial.complete and trial.error is not None:
        name = exceptions.name_of(trial.error)
        # Others may come of the way in which it was called.
        if name is not None and name.id in ("undefined-name", "still-none"):
            return (Diagnosis(facet, (name,)),)
    if trial.still:
        return (Diagnosis(facet, (Name("not-updated", general.NOT_UPDATED),)),)
    if not all(len(trial.moves.get(s, ())) >= ENOUGH for s in wrong):
        return ()
    if all(np.all(np.isnan(m)) for s in wrong for m in trial.moves[s]):
        return (Diagnosis(facet, (Name("nan", general.ALL_NAN),)),)
    both = _hits(spec, trial, list(trial.truths))
    if both:
        return _diagnoses(facet, [both])
    # A side that stands still beside another that is wrong may not have been reached.
    moving = [s for s in wrong if any(np.any(m) for m in trial.moves[s])]
    parts = _diagnoses(facet, [_hits(spec, trial, [side]) for side in moving])
    return tuple(replace(part, whole=False) for part in parts)


def _diagnoses(facet: str, found: Sequence[Sequence[Misconception]]) -> tuple[Diagnosis, ...]:
    made: dict[tuple[str, ...], Diagnosis] = {}
    for one in (diagnosis for hits in found for diagnosis in named(facet, hits)):
        made.setdefault(tuple(name.lesson.title.id for name in one.names), one)
    return tuple(made.values())


def mistake(spec: ItemSpec, trial: Trial, side: str) -> Message | None:
    """The known mistake that explains the steps of one array; None if none does."""
    moves = trial.moves[side]
    moving = any(np.any(m) for m in moves)
    if moving and _alike(trial, side):
        return M("all of it changes by one number")
    if len(moves) < len(trial.truths[side].gradients):
        return None
    if not moving:
        return M("it does not change")
    return next(
        (m.title for m in misconceptions_of(spec) if _explains(spec, m, trial, [side])), None
    )


def _alike(trial: Trial, side: str) -> bool:
    """True if each step moves all elements by the same, although their gradients differ."""
    gradients = trial.truths[side].gradients
    return all(
        m.size > 1 and np.ptp(m) <= _SAME * np.max(np.abs(m)) and np.ptp(g) > 0
        for m, g in zip(trial.moves[side], gradients, strict=False)
    )


def _hits(spec: ItemSpec, trial: Trial, sides: Sequence[str]) -> list[Misconception]:
    return [m for m in misconceptions_of(spec) if _explains(spec, m, trial, sides)]


def _explains(spec: ItemSpec, known: Misconception, trial: Trial, sides: Sequence[str]) -> bool:
    starts = {side: trial.start_of(side) for side in trial.truths}
    for scale in updates.SCALES:
        try:
            optimizer = updates.made(known.variant, trial.rate, updates.numbers_of(spec, trial))
            made = updates.replayed(optimizer, trial.truths, starts, scale, trial.afresh)
        except (ValueError, KeyError, FloatingPointError):
            return False
        if all(_agree(trial.moves[s], made[s], updates.near(spec)) for s in sides):
            return True
    return False


def _agree(moves: Sequence[np.ndarray], made: Sequence[np.ndarray], tolerance: float) -> bool:
    return len(moves) == len(made) and all(
        np.array_equal(np.isnan(m), np.isnan(e))
        and relative_error(np.nan_to_num(m), np.nan_to_num(e)) <= tolerance
        for m, e in zip(moves, made, strict=True)
    )
