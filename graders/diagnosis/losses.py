"""Why a loss failed: its values and derivatives, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graders.binding.loss_search import LossRun
from graders.cases import resolve
from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.sights import close
from graders.misconceptions import Diagnosis, Misconception, Name, Variant
from graders.specs import ItemSpec
from graders.specs.losses import made

ENOUGH = 2


def diagnose_loss(
    spec: ItemSpec, runs: Sequence[LossRun], results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """The mistake that explains each facet that went wrong, with one reduction in all cases."""
    found: list[Diagnosis] = []
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits = [
            m for m in misconceptions_of(spec)
            if facet in m.breaks
            and any(
                _explains(v, facet, runs, r) for v in _variants(spec, m) for r in spec.reductions
            )
        ]  # fmt: skip
        names: dict[str, Name] = {}
        for hit in hits:
            names.setdefault(hit.title.id, Name(hit.id, hit.lesson))
        if 0 < len(names) <= 2:
            found.append(Diagnosis(facet, tuple(names.values())))
    return tuple(found)


def _variants(spec: ItemSpec, known: Misconception) -> Iterator[Variant]:
    """The mistake as it is, and made in each other form that it can be made in."""
    yield known.variant
    for form in spec.forms:
        loss = resolve(form.reference)
        try:
            yield type(loss.__name__, (known.variant, loss), {})  # type: ignore[arg-type]
        except TypeError:  # one of them is the other, or they are no relatives
            continue


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
