"""What is taken off for handing in late: the rule of a class, and what it comes to for one submission.

Where it is not known when something was handed in, it is never late.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from graders.times import moment, zone_of

_DAY = timedelta(days=1)


class Base(Enum):
    """Of what the per cent are: of the points that were earned, or of all that there are."""

    EARNED = "earned"
    MAXIMUM = "maximum"


class Timing(Enum):
    """What is known of when something was handed in."""

    ON_TIME = "on time"
    LATE = "late"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class LateRule:
    """When the work of a class is due, and what is taken off afterwards.

    `due`: the last second in time. `per_day`: per cent that each day that has begun costs; of what, says
    `base`. `grace`: minutes that are forgiven; who is later than that is late from `due` on. `most_days`: no
    more days than these are counted. `floor`: what is left is no less than so many per cent of the base, or
    than what was earned if that is less.
    """

    due: datetime
    zone: str
    per_day: float = 0.0
    base: Base = Base.EARNED
    grace: int = 0
    most_days: int | None = None
    floor: float = 0.0

    @property
    def terms(self) -> str:
        """As a decision has it."""
        return json.dumps(self.told())

    def told(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "due": self.due.isoformat(timespec="seconds"), "zone": self.zone,
            "per_day": self.per_day, "base": self.base.value, "grace": self.grace,
            "most_days": self.most_days, "floor": self.floor,
        }  # fmt: skip

    @staticmethod
    def of(terms: str) -> LateRule | None:
        """The rule of a decision; None where it says that nothing is due any more."""
        if not terms:
            return None
        told = json.loads(terms)
        due = datetime.fromisoformat(told["due"]).astimezone(zone_of(told["zone"]))
        return LateRule(
            due, told["zone"], told["per_day"], Base(told["base"]), told["grace"],
            told["most_days"], told["floor"],
        )  # fmt: skip

    def lateness(self, handed_in: str, extended: str = "") -> Lateness:
        """What the rule says of something. `handed_in`: when, as a store has it (`times.kept`);
        `extended`: the student's own due date, which is never before that of all.
        """
        own = datetime.fromisoformat(extended).astimezone(self.due.tzinfo) if extended else self.due
        due = max(own, self.due)
        found = moment(handed_in)
        if found is None:
            return Lateness(self, Timing.UNKNOWN, due)
        zone = self.due.tzinfo
        assert zone is not None
        when = found.begin(zone)
        # Compared in UTC: clocks are put forward and back.
        over = timedelta(seconds=when.timestamp() - due.timestamp())
        if over <= timedelta(minutes=self.grace):
            return Lateness(self, Timing.ON_TIME, due, when)
        days = -(-over // _DAY)
        return Lateness(self, Timing.LATE, due, when, days)

    def taken(self, days: int, earned: float, most: float) -> float:
        """The points that so many days cost."""
        base = earned if self.base is Base.EARNED else most
        counted = days if self.most_days is None else min(days, self.most_days)
        left = max(earned - base * self.per_day * counted / 100, base * self.floor / 100, 0.0)
        return round(max(earned - left, 0.0), 9)


@dataclass(frozen=True)
class Lateness:
    """What a rule says of one submission. `due`: the student's own date; `days`: those that have begun."""

    rule: LateRule
    timing: Timing
    due: datetime
    handed_in: datetime | None = None
    days: int = 0

    @property
    def extended(self) -> bool:
        """True if the student has a date of their own."""
        return self.due > self.rule.due

    def taken(self, earned: float, most: float) -> float:
        """The points that are taken off."""
        return self.rule.taken(self.days, earned, most) if self.timing is Timing.LATE else 0.0

    def told(self, taken_off: float) -> dict[str, Any]:
        """Plain data, as a report has it."""
        return {
            **self.rule.told(),
            "due": self.due.isoformat(timespec="seconds"),
            "extended": self.extended,
            "timing": self.timing.value,
            "handed_in": self.handed_in.isoformat(timespec="seconds") if self.handed_in else "",
            "days": self.days,
            "taken_off": taken_off,
        }
