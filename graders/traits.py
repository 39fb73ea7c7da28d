"""The kinds of items, and what is true of all items of a kind: rooms that treat some kinds alike ask for that, and
never for a kind by its name. A plugin's kind says it of itself.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping


class Trait(enum.Flag):
    """What is true of the items of a kind."""

    CALLED = enum.auto()
    """Code of the submission answers it, and is called."""
    WRITTEN = enum.auto()
    """What is written in the cells answers it."""
    PERSON = enum.auto()
    """A person judges it."""
    TRAINED = enum.auto()
    """It is trained on data, and judged by what it learns."""
    ITERATED = enum.auto()
    """What answers it is gone through in a loop."""
    LAYER = enum.auto()
    """Arrays go through it forward, gradients back; it may have weights. What it costs can be counted, what is wrong
    in it can be mended by trying.
    """
    PART = enum.auto()
    """A network is made of it."""
    LABELLED = enum.auto()
    """It compares with labels, so that its gradient may need nothing from behind."""
    FUNCTION = enum.auto()
    """A function may answer it as well as a class."""
    COMPUTED = enum.auto()
    """What it gives follows from what it is given."""
    UPDATING = enum.auto()
    """It moves weights by their gradients."""
    DRAWN = enum.auto()
    """What it gives is drawn at random."""
    MASKED = enum.auto()
    """It draws what it leaves out of what it is given."""
    TOLERANT = enum.auto()
    """Its arrays are compared within a tolerance that a policy may set."""


_LAYER = Trait.CALLED | Trait.LAYER | Trait.PART | Trait.COMPUTED | Trait.TOLERANT
_FUNCTION = Trait.CALLED | Trait.FUNCTION | Trait.COMPUTED
KINDS: Mapping[str, Trait] = {
    "layer": _LAYER,
    "function": _FUNCTION,
    "initializer": Trait.CALLED | Trait.FUNCTION | Trait.DRAWN,
    "optimizer": Trait.CALLED | Trait.UPDATING,
    "iterator": Trait.CALLED | Trait.ITERATED,
    "softmax": _FUNCTION | Trait.PART | Trait.LABELLED | Trait.TOLERANT,
    "loss": _FUNCTION | Trait.LABELLED,
    "dropout": _FUNCTION | Trait.MASKED,
    "estimator": Trait.CALLED,
    "procedure": _FUNCTION,
    "classifier": Trait.CALLED | Trait.TRAINED,
    "answers": Trait.WRITTEN,
    "manual": Trait.PERSON,
}
"""The kinds that are built in."""
