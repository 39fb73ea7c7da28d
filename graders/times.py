"""Times as people and learning systems write them: read, kept as they were meant, and placed in a time zone.

A time without an offset is one of the class's own clock: it is kept without one, and gets its place when
the class's time zone is known (`graders.ledger.late`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graders.errors import UsageError
from graders.messages import M

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
_OFFSET = r"(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})"
_MONTHS = {
    name: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(),
        1,
    )
}
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)}|{'|'.join(name[:3] for name in _MONTHS)})\.?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # ISO 8601, and as nbgrader, Gradescope and spreadsheets write it
        rf"(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})(?:[T ]+{_CLOCK} ?{_OFFSET}?)?",
        # Moodle in Japanese: 2025年 11月 3日(月曜日) 23:59
        r"(?P<year>\d{4})年 ?(?P<month>\d{1,2})月 ?(?P<day>\d{1,2})日 ?(?:[(（][^)）]{1,5}[)）])?"
        rf"(?:[,、]? ?(?P<half>午前|午後)? ?{_CLOCK})?",
        # Moodle in English: Monday, 3 November 2025, 11:59 PM, and the day behind the month
        rf"(?:[a-z]{{3,9}}, ?)?(?:(?P<day>\d{{1,2}}) {_MONTH}|{_MONTH.replace('name', 'name2')} "
        rf"(?P<day2>\d{{1,2}})),? (?P<year>\d{{4}})(?:,? {_CLOCK} ?(?P<half>am|pm)?)?",
    )
)
_PM = ("pm", "午後")


class Precision(Enum):
    """How exactly a time was told: its day, its minute or its second."""

    DAY = timedelta(days=1)
    MINUTE = timedelta(minutes=1)
    SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Moment:
    """A time as it was written. `offset`: None where it is of the class's own clock."""

    wall: datetime
    offset: timezone | None
    precision: Precision

    def begin(self, zone: tzinfo) -> datetime:
        """When it begins, in the zone: what was handed in then was handed in no later."""
        return self.wall.replace(tzinfo=self.offset or zone).astimezone(zone)

    def end(self, zone: tzinfo) -> datetime:
        """Its last second: what is due on a day or at a minute is due when that is over."""
        last = self.wall + self.precision.value - timedelta(seconds=1)
        return last.replace(tzinfo=self.offset or zone, fold=1).astimezone(zone)

    @property
    def kept(self) -> str:
        """As a store has it, in ISO 8601: UTC where the offset is known, else without one."""
        if self.offset is None:
            return self.wall.isoformat(timespec="seconds")
        return self.wall.replace(tzinfo=self.offset).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> Moment | None:
    """The time that a text tells; None where it tells none that is understood."""
    text = " ".join(text.split())
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    part = {name: value for name, value in found.groupdict().items() if value is not None}
    name = (part.get("name") or part.get("name2") or "").lower()
    month = int(part["month"]) if "month" in part else _month(name)
    hour = int(part.get("hour", 0))
    half = part.get("half", "").lower()
    if half:
        hour = hour % 12 + (12 if half in _PM else 0)
    try:
        wall = datetime(
            int(part["year"]), month, int(part.get("day") or part["day2"]), hour,
            int(part.get("minute", 0)), int(part.get("second", 0)),
        )  # fmt: skip
        offset = _offset(part["offset"]) if "offset" in part else None
        if offset is not None:
            wall.replace(tzinfo=offset).astimezone(UTC)
    except (ValueError, OverflowError):  # a 31st of February; the year 1 in Tokyo
        return None
    precision = (
        Precision.SECOND if "second" in part
        else Precision.MINUTE if "minute" in part else Precision.DAY
    )  # fmt: skip
    return Moment(wall, offset, precision)


def _month(name: str) -> int:
    return next(number for full, number in _MONTHS.items() if full.startswith(name))


def _offset(text: str) -> timezone:
    """``Z``, ``+0900`` or ``-07:00``. Raises ValueError for one that no place has."""
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes >= 60:
        raise ValueError(text)
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text[0] == "-" else span)


def kept(text: str) -> str:
    """A time as a store has it; "" where the text tells none."""
    found = moment(text)
    return "" if found is None else found.kept


def zone_of(name: str) -> tzinfo:
    """A time zone by its name (``Asia/Tokyo``) or as an offset (``+09:00``, ``UTC``).

    Raises:
        UsageError: there is no such zone.
    """
    if re.fullmatch(_OFFSET, name):
        try:
            return _offset(name)
        except ValueError:
            pass
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            M(
                "{name}: no time zone that is known here; say one like Asia/Tokyo or +09:00",
                name=name,
            )
        ) from error


def shown(when: datetime) -> str:
    """A time for people, with its offset: ``2026-12-01 23:59 +09:00``."""
    text = when.strftime("%Y-%m-%d %H:%M")
    if when.second not in (0, 59):
        text += when.strftime(":%S")
    offset = when.strftime("%z")
    return f"{text} {'UTC' if offset == '+0000' else f'{offset[:3]}:{offset[3:5]}'}"


def kept_shown(text: str, zone: tzinfo | None = None) -> str:
    """A time that a store has, for people; without an offset where no zone is known for it."""
    found = moment(text)
    if found is None:
        return text
    if zone is None and found.offset is None:
        return found.wall.isoformat(" ", "minutes")
    return shown(found.begin(zone or UTC))
