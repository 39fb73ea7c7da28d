"""What a misconception is: a named mistake, and a small variation of the reference that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
optimizer             ``reference.SGD``, ``reference.AdaGrad``
iterator              ``reference.GetMiniBatch``
softmax               ``reference.SoftmaxCrossEntropy``
answers               ``reference.conv2d_output_size`` or ``reference.conv_parameter_count``
====================  =======================================================================
"""


@dataclass(frozen=True)
class Misconception:
    """A named mistake.

    `facet` is where it shows first; `breaks` is every facet that fails with it, `facet` included.
    `title` names the mistake, `explanation` says what it does to the numbers, and `hint` says
    where to look without giving the code away.
    """

    id: str
    items: tuple[str, ...]
    facet: str
    breaks: frozenset[str]
    title: Message
    explanation: Message
    hint: Message
    variant: Variant
