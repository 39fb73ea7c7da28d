"""Why a loss failed: its values and derivatives, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.naming import forms_of, named
from graders.diagnosis.sights import close
from graders.kinds.loss.search import LossRun
from graders.misconceptions import Diagnosis, Variant
from graders.specs import ItemSpec
from graders.specs.tasks.loss import made

ENOUGH = 2


def diagnose_loss(
    spec: ItemSpec, runs: Sequence[LossRun], results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """The mistake that explains each facet that went wrong, with one reduction in all cases."""
    found: list[Diagnosis] = []
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits = (
            m for m in misconceptions_of(spec)
            if facet in m.breaks
            and any(
                _explains(v, facet, runs, r) for v in forms_of(spec, m) for r in spec.reductions
            )
        )  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


def _explains(variant: Variant, facet: str, runs: Sequence[LossRun], reduction: str) -> bool:
    """True if the mistaken loss gives the student's arrays in each case; the reduction of the derivative is the one
    that the value shows, where it is right.
    """
    seen = 0
    for run in runs:
        standing = run.value if facet == "forward" else run.slope
        right = {run.readings[n].reduction for n in run.values}
        if not standing.entries or (facet == "dX" and right and reduction not in right):
            return False
        loss = made(variant, reduction)
        with np.errstate(all="ignore"):
            value = np.asarray(loss.forward(run.x, run.t))
            wrong = value if facet == "forward" else np.asarray(loss.backward())
        if not any(
            e.array.size == wrong.size and close(e.array.reshape(wrong.shape), wrong)
            for e in standing.entries
        ):
            return False
        seen += 1
    return seen >= ENOUGH
