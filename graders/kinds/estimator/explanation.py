"""Why an estimator failed: what it does, compared with what mistaken ones do."""

from __future__ import annotations

from collections.abc import Sequence

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.naming import forms_of, named
from graders.kinds.estimator.checks import EstimatorChecks
from graders.misconceptions import Diagnosis
from graders.specs import ItemSpec


def diagnose_estimator(
    spec: ItemSpec, checks: EstimatorChecks, results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """The mistake that explains each facet that went wrong, in every case."""
    found: list[Diagnosis] = []
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits = (
            m for m in misconceptions_of(spec)
            if facet in m.breaks and any(checks.explains(v, facet) for v in forms_of(spec, m))
        )  # fmt: skip
        found += named(facet, hits)
    return tuple(found)
