"""Whether the same call twice on one instance gives the same answer."""

from __future__ import annotations

import numpy as np

from graders.binding.plans import Programmer, output_of, upstream_for
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.layer.arrays import what
from graders.kinds.layer.runs import LayerRuns, Measured
from graders.messages import M
from graders.sandbox.session import Outcome, Session


def check_repeat(session: Session, runs: LayerRuns, first_run: Measured, call: str) -> CheckResult:
    """The same call twice on one instance gives the same answer; `call` names forward."""
    id_ = facet = "repeat"
    if not first_run.forward_ran:
        return model.skipped(id_, facet, M("Not checked: forward gives no output."))
    plan, case = runs.plan, first_run.case
    programmer = Programmer(plan, case).make().forward(keep="y1", optional=True)
    both = plan.backward is not None and runs.resettable(plan)
    dy = upstream_for(plan, case)
    if both:
        programmer.backward(dy, keep="ret1", optional=True).harvest("one:", "self")
        programmer.set_weights().clear()
    second = len(programmer.wire.steps)
    programmer.forward(keep="y2", optional=True)
    if both:
        programmer.backward(dy, keep="ret2", optional=True).harvest("two:", "self")
    outcome = programmer.run(session)
    if outcome.outcomes[second : second + 1] != (True,):
        return model.raised(
            id_,
            facet,
            M("A second {call} on the same instance", call=call),
            outcome.errors.get(second, outcome.error),
            outcome.timed_out,
            outcome.died,
        )
    one, two = output_of(outcome.found, "y1"), output_of(outcome.found, "y2")
    if one is None and not first_run.matches:  # an empty method repeats itself, too
        return model.skipped(id_, facet, M("Not checked: forward gives no output."))
    if one is not None and (two is None or not _same(one.array, two.array)):
        got = two.array if two is not None else np.zeros(0)
        wrong = model.compare(id_, facet, M("The output of a second, equal call"), got, one.array)
        return wrong
    if both:
        if first_run.backward_ran and outcome.outcomes[second + 1 : second + 2] != (True,):
            assert plan.backward is not None
            name = plan.called(plan.backward)
            text = M("A second {call} on the same instance", call=name)
            error = outcome.errors.get(second + 1, outcome.error)
            return model.raised(id_, facet, text, error, outcome.timed_out, outcome.died)
        return _repeat_backward(first_run, outcome)
    return model.passed(id_, facet, M("The same call twice gives the same answer."))


def _repeat_backward(first_run: Measured, outcome: Outcome) -> CheckResult:
    arrays = {e.path: e.array for e in outcome.found}
    for name, hit in first_run.matches.items():
        if name == "forward" or "Δ" in hit.path:
            continue
        head, rest = hit.path[0], hit.path[1:]
        if head == "ret":
            pair = arrays.get(("ret1", *rest)), arrays.get(("ret2", *rest))
        else:
            pair = arrays.get((f"one:{head}", *rest)), arrays.get((f"two:{head}", *rest))
        if pair[0] is not None and pair[1] is not None and not _same(pair[0], pair[1]):
            return model.compare(
                "repeat",
                "repeat",
                M("{what} after a second, equal call", what=what(first_run.case.spec, name)),
                pair[1],
                pair[0],
            )
    return model.passed("repeat", "repeat", M("The same call twice gives the same answer."))


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    # The same operations on the same numbers: only the order of a sum may differ, inside BLAS.
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-10, atol=1e-12, equal_nan=True)
