"""Why a procedure failed: which variation of the reference gives all that its calls gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.naming import named
from graders.kinds.procedure.search import ProcedureTrial, fits
from graders.kinds.procedure.ways import ProcedureCase
from graders.misconceptions import Diagnosis, Misconception
from graders.specs import ItemSpec, Meaning

ENOUGH = 2  # inputs that came out wrong in the same way


def diagnose_procedure(spec: ItemSpec, trial: ProcedureTrial) -> tuple[Diagnosis, ...]:
    """What the arrays of a wrong function tell of it, facet by facet: one name, two, or none."""
    return tuple(_diagnoses(spec, trial))


def _diagnoses(spec: ItemSpec, trial: ProcedureTrial) -> Iterator[Diagnosis]:
    # A batch's own steps can't be told apart by variations that go image by image.
    meanings = [m for m in spec.meanings if m.on_output is None]
    explaining = [
        known
        for known in misconceptions_of(spec)
        if any(_explains(known, replace(trial, meaning=meaning), meaning) for meaning in meanings)
    ]
    for facet in trial.meaning.results:
        wrong = len(trial.judged(facet)) - trial.right(facet)
        if wrong >= ENOUGH:
            yield from named(facet, (m for m in explaining if facet in m.breaks))


def _explains(known: Misconception, trial: ProcedureTrial, meaning: Meaning) -> bool:
    """True if the variation gives what every call gave, the right ones included."""
    return all(
        given.found
        and (made := _made(known, trial.spec, case, meaning)) is not None
        and all(fits(result, case, made[f], given) for f, result in meaning.results.items())
        for case, given in zip(trial.cases, trial.given, strict=True)
    )


def _made(
    known: Misconception, spec: ItemSpec, case: ProcedureCase, meaning: Meaning
) -> Mapping[str, np.ndarray] | None:
    config = {name: formula(case.sizes) for name, formula in spec.config.items()}
    try:
        with np.errstate(all="ignore"):
            made = known.variant(*case.handed, **config, **spec.numbers)
    except Exception:  # sizes that the mistake does not bear
        return None
    parts = made if isinstance(made, tuple) else (made,)
    arrays = dict(zip(meaning.results, map(np.asarray, parts), strict=True))
    fitting = all(
        arrays[f].shape == tuple(case.sizes[a] for a in result.axes)
        for f, result in meaning.results.items()
    )
    return arrays if fitting else None
