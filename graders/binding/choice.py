"""One class answers an item: of several that could, which one.

Not the best of them. The class of the problem's own section is heard first: if it is right, it
answers; if it is not, it still answers, unless the notebook goes on with another one that is better.
Of several in one section, and where none stands in the problem's own, it is the one that the notebook
goes on with, else the last. What another one of them uses is that one's helper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from graders.binding.definitions import Definition
from graders.binding.uses import Uses
from graders.specs import ItemSpec

T = TypeVar("T")


@dataclass(frozen=True)
class Contender(Generic[T]):
    """A definition that could answer. `points`: what it would earn, of `most`; `found`: the trial.
    `certain`: what it computes shows that it is meant; without that only its name and place say so.
    `named`: it is called as the item is: of one section those that are come before those that are not.
    `silent`: it gives no output, whatever it is given, so that no notebook can go on with it.
    """

    definition: Definition
    points: float
    most: float
    found: T
    certain: bool = True
    named: bool = True
    silent: bool = False

    @property
    def full(self) -> bool:
        """True if all of it is right."""
        return self.points >= self.most


@dataclass(frozen=True)
class Chosen(Generic[T]):
    """Who answers; `better`: another one that is right and does not count; `passed_over`: the one of
    the problem's own section, if that is wrong and the notebook goes on with this one, or if it is
    `silent` and this one is right.
    """

    contender: Contender[T]
    better: Definition | None = None
    passed_over: Definition | None = None
    silent: bool = False


class Selection:
    """The rule for one item of one submission."""

    def __init__(self, spec: ItemSpec, uses: Uses) -> None:
        self._problems, self._uses = spec.problems, uses

    def settled(self, right: Definition, left: Iterable[Definition]) -> bool:
        """True if `right`, all of which is right, answers whatever those that are left would do."""
        rivals = [d for d in left if self._own(d) or not self._own(right)]
        return not any(
            self._own(rival) > self._own(right) or self._place(rival) > self._place(right)
            for rival in rivals
        )

    def answer(self, contenders: Sequence[Contender[T]]) -> Chosen[T] | None:
        """Which of them answers; None if there are none."""
        contenders = self._without_helpers(contenders)
        certain = [c.definition for c in contenders if c.certain]
        if certain:
            called = [c.definition for c in contenders if not c.certain and c.named]
            heard = self.heard(certain, called)
            contenders = [c for c in contenders if c.certain or c.definition in heard]
        own = self._last(self._here(contenders))
        chosen = own or self._last(contenders)
        if chosen is None:
            return None
        if own is not None and not own.full:
            onwards = self._last([c for c in contenders if self._goes_on(c, own)])
            if onwards is not None:
                return Chosen(onwards, None, own.definition)
            right = [c for c in contenders if c.certain and c.full and not self._own(c.definition)]
            if own.silent and (other := self._last(right)) is not None:
                return Chosen(other, None, own.definition, silent=True)
        better = [c.definition for c in contenders if c.full and not chosen.full]
        return Chosen(chosen, max(better, key=self._place, default=None))

    def _without_helpers(self, contenders: Sequence[Contender[T]]) -> Sequence[Contender[T]]:
        """Those that no other one uses: what a class of that name calls is part of its answer."""
        left = [
            c for c in contenders
            if not any(
                o is not c and self._uses.is_helper(c.definition, o.definition) for o in contenders
            )
        ]  # fmt: skip
        return left or contenders

    def heard(
        self, certain: Sequence[Definition], others: Sequence[Definition]
    ) -> list[Definition]:
        """Of `others`, of which only name and place say that they are meant, those that count beside
        `certain` ones: that of the problem's own section, and what defines the name of a certain one
        anew in its section.
        """
        own = max(filter(self._own, [*certain, *others]), key=self._place, default=None)
        return [
            d for d in others
            if d == own
            or any((d.name, d.section) == (c.name, c.section) and d.order > c.order for c in certain)
        ]  # fmt: skip

    def _here(self, contenders: Sequence[Contender[T]]) -> list[Contender[T]]:
        here = [c for c in contenders if self._own(c.definition)]
        return [c for c in here if c.named] or here

    def _goes_on(self, other: Contender[T], own: Contender[T]) -> bool:
        """True if the notebook goes on with another section's, which is better."""
        later = self._uses.last(other.definition) > self._uses.last(own.definition)
        return later and not self._own(other.definition) and other.points > own.points

    def _own(self, definition: Definition) -> bool:
        return not self._problems.isdisjoint(definition.section.problems)

    def _place(self, definition: Definition) -> tuple[int, int]:
        """The later, the more it counts: when it is gone on with, then where it stands."""
        return self._uses.last(definition), definition.order

    def _last(self, contenders: Sequence[Contender[T]]) -> Contender[T] | None:
        return max(contenders, key=lambda c: self._place(c.definition), default=None)
