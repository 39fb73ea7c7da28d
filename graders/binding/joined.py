"""A bias that is kept as one row of the weight: ``W`` of shape (n_in + 1, n_out) for an input with
a 1 put in front of each sample, or behind it; its gradient then is that row of ``dW``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.sandbox.session import Found, Outcome

_KEPT = ("self", "pre:self", "one:self", "two:self", "optimizer", "ret", "ret1", "ret2")


@dataclass(frozen=True)
class Joint:
    """Where the bias stands in the joined array: on which axis, first or last."""

    axis: int
    last: bool

    @property
    def name(self) -> str:
        """The row as an index: ``[0]`` or ``[-1]``, of axis 1 ``[:, 0]`` or ``[:, -1]``."""
        row = "-1" if self.last else "0"
        return f"[:, {row}]" if self.axis else f"[{row}]"

    def join(self, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """The joined array of a weight of two axes and a bias of one."""
        row = np.expand_dims(bias, self.axis)
        parts = [weight, row] if self.last else [row, weight]
        return np.concatenate(parts, axis=self.axis)

    def split(self, joined: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The weight and the bias of a joined array."""
        at = len(joined) if self.axis == 0 else joined.shape[1]
        row = at - 1 if self.last else 0
        return np.delete(joined, row, self.axis), joined.take(row, self.axis)

    def shape(self, weight: Sequence[int]) -> tuple[int, ...]:
        """The shape of the joined array for a weight of this shape."""
        return tuple(n + (i == self.axis) for i, n in enumerate(weight))


def parted(outcome: Outcome, joint: Joint, weight: Layout, sizes: Mapping[str, int]) -> Outcome:
    """The outcome with each joined array as the weight, under its own path, and the bias beside."""
    shape = joint.shape(layouts.shape_of(weight, sizes))
    found: list[Found] = []
    for entry in outcome.found:
        if entry.path[0] in _KEPT and entry.array.shape == shape:
            inner, row = joint.split(entry.array)
            found.append(replace(entry, array=inner))
            found.append(Found((*entry.path, joint.name), row, entry.kind))
        else:
            found.append(entry)
    return replace(outcome, found=tuple(found))


def row_of(path: Sequence[str | int]) -> bool:
    """True if the path is that of a bias in a joined array."""
    return isinstance(path[-1], str) and path[-1].startswith("[")
