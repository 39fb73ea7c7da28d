"""What a misconception is: a named mistake, and a small variation of the reference that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.messages import Message

Variant = Callable[..., Any]
"""A subclass of the reference object of the item, or a function with its signature.

====================  =======================================================================
kind of the item      variation of
====================  =======================================================================
layer                 the class that the spec names as its reference
function              ``reference.conv_output_size`` or ``reference.conv2d_output_size``; it may
                      give numbers that are not whole
initializer           ``reference.SimpleInitializer``, ``XavierInitializer``, ``HeInitializer``
optimizer             the class that the spec names as its reference, or one of its forms
iterator              ``reference.GetMiniBatch``
softmax               ``reference.SoftmaxCrossEntropy``
loss                  the class that the spec names as its reference, or one of its forms
dropout               the class that the spec names as its reference
estimator             the class that the spec names as its reference, or one of its forms
procedure             the function that the spec's first meaning names
answers               ``reference.conv2d_output_size`` or ``reference.conv_parameter_count``
====================  =======================================================================
"""


@dataclass(frozen=True)
class Lesson:
    """What is said about a mistake: its name, what it does to the numbers, where to look.

    The hint does not give the code away.
    """

    title: Message
    explanation: Message
    hint: Message


@dataclass(frozen=True)
class Misconception:
    """A named mistake.

    `facet` is where it shows first; `breaks` is every facet that fails with it, `facet` included
    (of those that the item has).
    """

    id: str
    items: tuple[str, ...]
    facet: str
    breaks: frozenset[str]
    lesson: Lesson
    variant: Variant

    @property
    def title(self) -> Message:
        """The name of the mistake."""
        return self.lesson.title

    @property
    def explanation(self) -> Message:
        """What it does to the numbers."""
        return self.lesson.explanation

    @property
    def hint(self) -> Message:
        """Where to look."""
        return self.lesson.hint


def known(id_: str, items: str, facets: str, variant: Variant, lesson: Lesson) -> Misconception:
    """A misconception from space-separated items and facets, the first facet being its own."""
    broken = facets.split()
    return Misconception(id_, tuple(items.split()), broken[0], frozenset(broken), lesson, variant)


@dataclass(frozen=True)
class Name:
    """What a mistake is called."""

    id: str
    lesson: Lesson


@dataclass(frozen=True)
class Diagnosis:
    """What explains a failed facet: one name, or two that can't be told apart.

    `whole`: it explains everything that is wrong in the facet, not a part of it. `raised`: what meets in a line
    (cell, line) that raised; `axes`: what the axes of an array of another shape stand for.
    """

    facet: str
    names: tuple[Name, ...]
    whole: bool = True
    raised: Mapping[tuple[int | None, int | None], Message] = field(default_factory=dict)
    axes: Message | None = None

    @property
    def best(self) -> Name:
        """The name to be shown first."""
        return self.names[0]
