"""Why an estimator failed: its steps, answers and losses, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graders.checks import model
from graders.checks.descent import DescentChecks, agrees
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.naming import forms_of, named
from graders.misconceptions import Diagnosis, Variant
from graders.rounding import explained
from graders.specs import ItemSpec


def diagnose_descent(
    spec: ItemSpec, checks: DescentChecks, results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """The mistake that explains each facet that went wrong, in every case."""
    found: list[Diagnosis] = []
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits = (
            m for m in misconceptions_of(spec)
            if facet in m.breaks and any(_explains(v, facet, checks) for v in forms_of(spec, m))
        )  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


def _explains(variant: Variant, facet: str, checks: DescentChecks) -> bool:
    with np.errstate(all="ignore"):
        if facet in ("fit", "intercept"):
            return all(agrees(variant, path, True) for path in checks.ran)
        if facet == "regularisation":
            return checks.regular(variant)
        if facet in ("loss", "val_loss"):
            told = checks.histories(facet)
            return bool(told) and all(checks.recorded(variant, *one)[0] for one in told)
        if facet in ("predict", "predict_proba"):
            pairs = [p for path in checks.ran for p in checks.answered(variant, facet, path)]
            return bool(pairs) and all(
                actual is not None
                and actual.shape == expected.shape
                and explained(actual, expected, 1e-6) is not None
                for _, actual, expected in pairs
            )
    return False
