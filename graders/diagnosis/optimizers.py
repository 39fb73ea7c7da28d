"""Why an optimiser failed: its steps, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from graders.binding.optimizer_search import Trial
from graders.checks import updates
from graders.diagnosis import exceptions
from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.lessons import general
from graders.misconceptions import Diagnosis, Misconception, Name
from graders.rounding import relative_error
from graders.specs import ItemSpec

ENOUGH = 2  # steps that must agree
Moves = Mapping[str, Sequence[np.ndarray]]


def diagnose_optimizer(spec: ItemSpec, trial: Trial) -> tuple[Diagnosis, ...]:
    """The mistake that explains the steps of W and of the bias, or of each by itself."""
    facet = next(iter(spec.facets))
    wrong = [s for s in trial.truths if not _right(spec, trial, s)]
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
    if len(wrong) == 2:
        # A side that stands still beside another that is wrong may not have been reached.
        moving = [s for s in wrong if any(np.any(m) for m in trial.moves[s])]
        parts = _diagnoses(facet, [_hits(spec, trial, [side]) for side in moving])
        return tuple(replace(part, whole=False) for part in parts)
    return ()


def _diagnoses(facet: str, found: Sequence[Sequence[Misconception]]) -> tuple[Diagnosis, ...]:
    made: dict[tuple[str, ...], Diagnosis] = {}
    for hits in found:
        names: dict[str, Name] = {}
        for hit in hits:
            names.setdefault(hit.title.id, Name(hit.id, hit.lesson))
        if 0 < len(names) <= 2:
            made.setdefault(tuple(names), Diagnosis(facet, tuple(names.values())))
    return tuple(made.values())


def _right(spec: ItemSpec, trial: Trial, side: str) -> bool:
    moves = trial.moves.get(side, [])
    return updates.scale_of(spec.rule, trial.truths[side], trial.rate, moves) is not None


def _hits(spec: ItemSpec, trial: Trial, sides: Sequence[str]) -> list[Misconception]:
    return [m for m in misconceptions_for(spec.id) if _explains(spec, m, trial, sides)]


def _explains(spec: ItemSpec, known: Misconception, trial: Trial, sides: Sequence[str]) -> bool:
    tolerance = updates.NEAR[spec.rule]
    for scale in updates.SCALES:
        made = _made(known, trial, trial.rate, scale)
        if made is None:
            continue
        for first in (0, 1):  # the weights at the start are not known here
            if all(
                len(trial.moves[s]) - first >= ENOUGH
                and len(trial.moves[s]) == len(made[s])
                and all(
                    m.shape == e.shape and relative_error(m, e) <= tolerance
                    for m, e in list(zip(trial.moves[s], made[s], strict=True))[first:]
                )
                for s in sides
            ):
                return True
    return False


def _made(known: Misconception, trial: Trial, rate: float, scale: str) -> Moves | None:
    """What the mistaken optimiser adds in each step."""
    gradients = {s: t.scaled(scale) for s, t in trial.truths.items()}
    layer = _Layer({s: np.zeros_like(g[0]) for s, g in gradients.items()})
    moves: dict[str, list[np.ndarray]] = {s: [] for s in gradients}
    try:
        optimizer = known.variant(rate)
        with np.errstate(all="ignore"):
            for step, batch in enumerate(trial.truths["W"].batches):
                layer.grads = {s: g[step] for s, g in gradients.items()}
                layer._x = np.zeros((batch, 1))
                before = {s: w.copy() for s, w in layer.params.items()}
                optimizer.update(layer)
                for side, w in layer.params.items():
                    moves[side].append(w - before[side])
    except (ValueError, KeyError, FloatingPointError):
        return None
    return moves


class _Layer:
    """What an optimiser sees of a layer."""

    def __init__(self, params: dict[str, np.ndarray]) -> None:
        self.params = params
        self.grads: dict[str, np.ndarray] = {}
        self._x = np.zeros((1, 1))
