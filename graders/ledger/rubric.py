"""Rubrics: the criteria of an item with their points, and what came of them for one student's work.

A rubric grows while a class is graded. Each form of it is a decision of its own; by the last one the marks are
computed, of everybody to whom a criterion was applied.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graders.messages import Language


class Way(Enum):
    """Where the points of an item begin: at none, and criteria add; or at all, and criteria take off."""

    ADD = "add"
    SUBTRACT = "subtract"


@dataclass(frozen=True)
class Criterion:
    """A criterion. `id`: stays whatever becomes of the rest; `points`: what it adds or takes off, below 0 the
    other way round; `ja`, `en`: what it says, one of them at least.
    """

    id: str
    points: float
    ja: str = ""
    en: str = ""

    def text(self, language: Language) -> str:
        """What it says, in a language if it has that one."""
        return (self.ja or self.en) if language == "ja" else (self.en or self.ja)

    def told(self) -> dict[str, Any]:
        """Plain data."""
        return {"id": self.id, "points": self.points, "ja": self.ja, "en": self.en}


@dataclass(frozen=True)
class Rubric:
    """The criteria of an item, in their order."""

    way: Way = Way.ADD
    criteria: tuple[Criterion, ...] = ()

    @property
    def terms(self) -> str:
        """As a decision has it."""
        told = {"way": self.way.value, "criteria": [one.told() for one in self.criteria]}
        return json.dumps(told, ensure_ascii=False)

    @staticmethod
    def of(terms: str) -> Rubric:
        """The rubric of a decision."""
        told = json.loads(terms)
        return Rubric(Way(told["way"]), tuple(Criterion(**one) for one in told["criteria"]))

    def chosen(self, ids: Collection[str]) -> tuple[Criterion, ...]:
        """The criteria with these ids, in the rubric's order; those that are gone are left out."""
        return tuple(one for one in self.criteria if one.id in ids)

    def effect(self, one: Criterion) -> float:
        """What a criterion changes the points by."""
        return one.points if self.way is Way.ADD else -one.points

    def points(self, met: Collection[Criterion], adjusted: float, most: float) -> float:
        """The points of an item that is worth `most`: never below 0, never above that."""
        begin = 0.0 if self.way is Way.ADD else most
        found = begin + sum(self.effect(one) for one in met) + adjusted
        return round(min(max(found, 0.0), most), 9)


@dataclass(frozen=True)
class Judged:
    """What a person found in a student's work by a rubric. `met`: the criteria as they were then; `adjusted`:
    points on top of them, or off.
    """

    met: tuple[Criterion, ...] = ()
    adjusted: float = 0.0

    @property
    def terms(self) -> str:
        """As a decision has it."""
        told = {"met": [one.told() for one in self.met], "adjusted": self.adjusted}
        return json.dumps(told, ensure_ascii=False)

    @staticmethod
    def of(terms: str) -> Judged:
        """What a decision says was found."""
        told = json.loads(terms)
        return Judged(tuple(Criterion(**one) for one in told["met"]), told["adjusted"])

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the criteria that are met."""
        return frozenset(one.id for one in self.met)
