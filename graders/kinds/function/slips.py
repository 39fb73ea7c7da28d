"""Several slips in one formula for an output size: those that together give what a function gave."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from graders.diagnosis.lessons import sizes
from graders.messages import M
from graders.misconceptions import Lesson, Name

_MOST = 3  # slips that are told of one formula


class _Divided(Enum):
    """What the stride divides."""

    ALL = auto()
    FILTER = auto()
    NOTHING = auto()


class _One(Enum):
    """Where the 1 is added."""

    OUTSIDE = auto()
    INSIDE = auto()
    NOWHERE = auto()


class _Rounding(Enum):
    """How the quotient is made whole."""

    DOWN = auto()
    UP = auto()
    NONE = auto()


@dataclass(frozen=True)
class _Form:
    """((n + padding * p + filter * f) / s) + 1, with what was made of each part of it."""

    padding: int
    filter: int
    divided: _Divided
    one: _One
    rounding: _Rounding

    def at(self, n: int, f: int, s: int, p: int) -> Fraction:
        room, filter_ = n + self.padding * p, self.filter * f
        inside = 1 if self.one is _One.INSIDE else 0
        if self.divided is _Divided.FILTER:
            value = room + Fraction(filter_ + inside, s)
        else:
            value = Fraction(room + filter_ + inside, 1 if self.divided is _Divided.NOTHING else s)
        if self.rounding is not _Rounding.NONE:
            value = Fraction(
                math.floor(value) if self.rounding is _Rounding.DOWN else math.ceil(value)
            )
        return value + (1 if self.one is _One.OUTSIDE else 0)

    @property
    def slips(self) -> tuple[Lesson, ...]:
        """What is wrong about it, in the order in which it is read."""
        parts = (
            _PADDING.get(self.padding),
            _FILTER.get(self.filter),
            _DIVIDED.get(self.divided),
            _ONE.get(self.one),
            _ROUNDING.get(self.rounding),
        )
        return tuple(lesson for lesson in parts if lesson is not None)


_PADDING = {1: sizes.ONE_PADDING, 0: sizes.NO_PADDING}
_FILTER = {1: sizes.PLUS_F, 0: sizes.NO_FILTER}
_DIVIDED = {_Divided.FILTER: sizes.BRACKETS, _Divided.NOTHING: sizes.NO_STRIDE}
_ONE = {_One.INSIDE: sizes.PLUS_ONE_INSIDE, _One.NOWHERE: sizes.NO_PLUS_ONE}
_ROUNDING = {_Rounding.UP: sizes.CEIL, _Rounding.NONE: sizes.NO_FLOOR}
_FORMS = tuple(
    _Form(*parts) for parts in itertools.product((2, 1, 0), (-1, 1, 0), _Divided, _One, _Rounding)
)


def slips_of(answers: Sequence[tuple[Mapping[str, int], Sequence[float]]]) -> Name | None:
    """The fewest slips that explain every answer; None if nothing does, or several do as well."""
    found = [form for form in _FORMS if all(_gives(form, *one) for one in answers)]
    fewest = min((len(form.slips) for form in found), default=_MOST + 1)
    best = [form for form in found if len(form.slips) == fewest]
    if not 0 < fewest <= _MOST or len(best) != 1:
        return None
    first, *others = best[0].slips
    title = first.title
    for other in others:
        title = M("{one}, and: {other}", one=title, other=other.title)
    return Name("size-slips", Lesson(title, first.explanation, first.hint))


def _gives(form: _Form, at: Mapping[str, int], answer: Sequence[float]) -> bool:
    stride, padding = at.get("S", 1), at.get("P", 0)
    sides = [(at["N"], at["F"])] if "N" in at else [(at["H"], at["K"]), (at["W"], at["J"])]
    if len(answer) > len(sides):
        return False
    made = [form.at(n, f, stride, padding) for n, f in sides[: len(answer)]]
    return all(abs(float(m) - a) < 1e-9 for m, a in zip(made, answer, strict=True))
