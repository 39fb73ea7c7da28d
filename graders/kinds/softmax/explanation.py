"""Why a softmax failed: its probabilities and gradients, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Sequence

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.naming import named
from graders.diagnosis.sights import close
from graders.kinds.softmax.search import SoftmaxRun
from graders.misconceptions import Diagnosis, Misconception
from graders.specs import ItemSpec

ENOUGH = 2


def diagnose_softmax(
    spec: ItemSpec, runs: Sequence[SoftmaxRun], results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """What the probabilities and gradients that came out tell."""
    found: list[Diagnosis] = []
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits = [
            m for m in misconceptions_for(spec.id)
            if facet in m.breaks and _explains(m, facet, runs)
        ]  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


def _explains(known: Misconception, facet: str, runs: Sequence[SoftmaxRun]) -> bool:
    wrong = 0
    for run in runs:
        right = run.found_forward if facet == "forward" else run.found_backward
        if run.loss is not None or "U" in (run.plan.backward or ()):
            return False  # what is known are slips in the probabilities and in Z - Y
        arrays = [e.array for e in run.stands[facet].entries]
        truth = run.probabilities if facet == "forward" else run.gradient
        layer = known.variant("sum")
        layer.forward(run.logits, run.labels)
        made = layer.probabilities if facet == "forward" else layer.backward()
        factors = (1.0,) if facet == "forward" else (1.0, 1.0 / len(made))
        if right:
            if not any(close(made, truth * f) for f in factors):
                return False
            continue
        if not any(close(a, made * f) for a in arrays for f in factors):
            return False
        wrong += 1
    return wrong >= ENOUGH
