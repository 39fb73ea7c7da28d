"""Why an iterator of mini-batches failed: its passes, compared with those of mistaken ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.naming import named
from graders.kinds.iterator import checks as minibatch
from graders.kinds.iterator.checks import Data, Pass
from graders.misconceptions import Diagnosis
from graders.specs import ItemSpec

ENOUGH = 2


def diagnose_batches(
    spec: ItemSpec, passes: Sequence[Pass], results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """What is wrong with the batches, compared with what mistaken iterators do wrong."""
    found: list[Diagnosis] = []
    failed = {c.facet for c in results if c.status == model.FAILED}
    for facet in (f for f in spec.facets if f in failed):
        check = _CHECKS[facet]
        seen = [_kind(check(p)) for p in passes]
        if sum(k is not None for k in seen) < ENOUGH:
            continue
        hits = [
            m for m in misconceptions_for(spec.id)
            if facet in m.breaks
            and [_kind(check(_passed(m.variant, p))) for p in passes] == seen
        ]  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


_CHECKS: Mapping[str, Callable[[Pass], Any]] = {
    "forward": minibatch.coverage,
    "shape": minibatch.batch_sizes,
    "repeat": minibatch.repeated,
}


def _kind(message: Any) -> str | None:
    return None if message is None else str(message.id)


def _passed(variant: Callable[..., Any], seen: Pass) -> Pass:
    """A pass of the variant over the same data, looked at as the student's was."""
    data: Data = seen.data
    one, other = (variant(data.x, data.y, data.batch_size, 3) for _ in range(2))
    made = Pass(data, list(one))
    if seen.again is not None:
        made.again = list(one)
    if seen.twin is not None:
        made.twin = list(other)
    made.length = None if seen.length is None else len(one)
    return made
