"""Layers that are slow because they loop in Python are tried on small cases.

That calls took long makes us count; what is counted, lines of the student's own code, decides, so
that a busy machine decides nothing.
"""

from __future__ import annotations

import numpy as np

from graders import cases
from graders.binding.plans import LayerPlan, Programmer, upstream_for
from graders.sandbox.session import Outcome, Session
from graders.specs import ItemSpec

SLOW_SECONDS = 0.4  # of one forward and backward, from which it is counted
MANY_LINES = 50_000  # that a usual case would run


def slow_in_loops(
    session: Session, spec: ItemSpec, plan: LayerPlan, seconds: float, rng: np.random.Generator
) -> bool:
    """True if calls on a usual case took so many seconds, and it is loops that took them: as many
    lines run in a small case, and as much more is to be done in a usual one.
    """
    if plan.small or seconds < SLOW_SECONDS:
        return False
    small = plan.with_(small=True)
    case = small.draw(spec, rng)
    programmer = Programmer(small, case)
    try:
        programmer.make().forward(optional=True)
        programmer.wire.steps[-1]["count"] = ["lines", 0]
        if small.backward is not None:
            programmer.backward(upstream_for(small, case), optional=True)
            programmer.wire.steps[-1]["count"] = ["lines", 0]
    except ValueError:
        return False  # the layout leaves out an axis that this item needs
    outcome = programmer.run(session)
    if outcome.timed_out:
        return False  # small ones would be no help
    counted = lines_run(outcome, 0)
    lines = sum(count for rows in counted.values() for _, count in rows)
    usual = cases.work(spec, plan.draw_sizes(spec, rng)) / cases.work(spec, case.sizes)
    return lines * max(usual, 1.0) >= MANY_LINES


def lines_run(outcome: Outcome, number: int) -> dict[str, list[tuple[int, int]]]:
    """How often each line ran in the calls counted under that number: file -> (line, how often)."""
    found: dict[str, list[tuple[int, int]]] = {}
    for entry in outcome.found:
        match entry.path:
            case ("lines", int(told), "of", str(file)) if told == number:
                rows = entry.array
                if rows.ndim == 2 and rows.shape[1] == 2 and rows.dtype.kind == "i":
                    found.setdefault(file, []).extend(
                        (line, max(0, count)) for line, count in rows.tolist()
                    )
    return found
