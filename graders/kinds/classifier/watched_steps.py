"""The watched calls of a training, as steps: forward in order, backward by the layer's number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.kinds.classifier.stepping import BACKWARD, FORWARD, Call


@dataclass(frozen=True)
class Step:
    """The calls of one mini-batch."""

    forward: tuple[Call, ...]
    back: dict[int, Call]

    @property
    def n(self) -> int:
        """The number of samples."""
        return len(self.forward[0].given[0])

    def next_of(self, k: int) -> Call | None:
        """The layer that comes after the one at place k."""
        return self.forward[k + 1] if k + 1 < len(self.forward) else None


def layers_of(calls: Sequence[Call], networks: frozenset[str]) -> list[Call]:
    """The calls of layers: neither of networks of layers, nor of what a layer calls for itself."""
    chosen = [c for c in calls if c.name not in networks]
    inner = {id(i) for o in chosen for i in chosen if o.begin < i.begin and i.end < o.end}
    return [c for c in chosen if id(c) not in inner]


def networks_of(calls: Sequence[Call]) -> frozenset[str]:
    """Classes without weights of their own whose forward calls that of others."""
    ahead = [c for c in calls if c.method == FORWARD]
    return frozenset(
        o.name
        for o in ahead
        if not o.kept and any(o.begin < i.begin and i.end < o.end for i in ahead)
    )


def steps_of(calls: Sequence[Call]) -> list[Step]:
    """Every step of a training: the last forward of each layer before a run of backward calls.

    A forward of all the data between two steps, for its loss, is followed by another one before
    the next backward, kept or not. Where no backward is ever called, the forward is a step without one.
    """
    found: list[Step] = []
    ahead: dict[int, Call] = {}
    back: dict[int, Call] = {}
    for call in sorted(layers_of(calls, networks_of(calls)), key=lambda c: c.begin):
        if call.method == FORWARD:
            if back:
                found.append(_step(ahead, back))
                ahead, back = {}, {}
            if call.given and call.back:
                ahead[call.instance] = call
            else:  # its arrays were too much to be kept: what went before is not of this step
                ahead.pop(call.instance, None)
        elif call.method == BACKWARD and ahead:
            back.setdefault(call.instance, call)
    if back or (ahead and not found):
        found.append(_step(ahead, back))
    return found


def _step(ahead: dict[int, Call], back: dict[int, Call]) -> Step:
    return Step(tuple(sorted(ahead.values(), key=lambda c: c.begin)), back)
