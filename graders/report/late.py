"""What a report says of being late (its ``marks.late``), in one sentence for every front-end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from typing import Any

from graders.messages import M, Message
from graders.times import shown


def rule_said(rule: Mapping[str, Any]) -> Message:
    """What is taken off by a rule."""
    if not rule["per_day"]:
        return M("nothing is taken off for being late")
    n = f"{rule['per_day']:g}"
    of_all = M("{n} % of the maximum for each day begun", n=n)
    of_earned = M("{n} % of the points earned for each day begun", n=n)
    parts = [of_all if rule["base"] == "maximum" else of_earned]
    if rule["grace"]:
        parts.append(M("{n} minutes are forgiven", n=rule["grace"]))
    if rule["most_days"] is not None:
        parts.append(M("at most {n} days count", n=rule["most_days"]))
    if rule["floor"]:
        parts.append(M("never below {n} %", n=f"{rule['floor']:g}"))
    return reduce(lambda one, more: M("{one}, {more}", one=one, more=more), parts)


def due_said(late: Mapping[str, Any]) -> Message:
    """When something is due."""
    due = shown(datetime.fromisoformat(late["due"]))
    if late.get("extended"):
        return M("due {due} (a date of their own)", due=due)
    return M("due {due}", due=due)


def late_said(late: Mapping[str, Any] | None) -> Message | None:
    """What was taken off, and why; None for what is not late."""
    if late is None or not late["days"]:
        return None
    handed_in = shown(datetime.fromisoformat(late["handed_in"]))
    return M(
        "Late: handed in {handed_in}, {due}; days begun: {days}; points taken off: {points} ({rule})",
        handed_in=handed_in, due=due_said(late), days=late["days"],
        points=f"{late['taken_off']:g}", rule=rule_said(late),
    )  # fmt: skip
