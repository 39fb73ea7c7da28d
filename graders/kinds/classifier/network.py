"""Is a trained classifier the network that it claims to be? Its weights answer, and training moved them.

A model is asked as it is, with all its weights disturbed, and with one layer's at a time. What
changes no answer takes no part; what is the same after training as before was not learnt.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from graders.kinds.classifier import formats
from graders.kinds.classifier.programs import DISTURBED as KEEP
from graders.kinds.classifier.step_arrays import fits, linear_of
from graders.kinds.classifier.stepping import FORWARD, Call
from graders.messages import M, Message
from graders.sandbox.session import Found
from graders.specs import Network

_LEAST_CHANGE = 0.02  # of the answers, by one layer's weights
_MUCH = 0.3  # by all of them
_STILL, _MOVED, _REPLACED = 0, 1, 2  # what training did to an array


class Standing(Enum):
    """What was found of a network."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What was found, and why. `by_steps`: it still has to be shown that it learns by steps."""

    standing: Standing
    message: Message | None = None
    by_steps: bool = False
    adjusted: bool = (
        False  # a part that answers goes on from what was there, as a step of training does
    )


NOT_LOOKED_AT = Finding(Standing.UNKNOWN)


@dataclass
class Part:
    """What is disturbed at once: the arrays of one layer, or one array of the model's."""

    label: str
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    kept: dict[str, np.ndarray] = field(default_factory=dict)
    given: np.ndarray | None = None
    back: np.ndarray | None = None
    change: float | None = None  # share of the answers that it changes

    @property
    def is_layer(self) -> bool:
        """True for an object that forward was called of."""
        return self.given is not None or bool(self.kept)

    @property
    def takes_part(self) -> bool:
        """True if the answers depend on it."""
        return self.change is not None and self.change >= _LEAST_CHANGE

    @property
    def layers(self) -> int:
        """How many layers it is: a whole network may keep its weights in one object.

        What an optimiser keeps of a weight, and its gradient, have the weight's shape.
        """
        shapes = {s for s in self.shapes.values() if len(s) > 2 or (len(s) == 2 and min(s) > 1)}
        return max(1, len(shapes))

    @property
    def was_learnt(self) -> bool | None:
        """True if training has changed something in it; None if that wasn't seen."""
        told = [m for m in self.moved.values() if m in (_STILL, _MOVED, _REPLACED)]
        if not told:
            return None
        return any(m != _STILL for m in told)

    @property
    def went_on(self) -> bool:
        """True if training went on from what was there: weights that are adjusted, not worked out."""
        return _MOVED in self.moved.values()

    @property
    def is_dense(self) -> bool:
        """True if it multiplies rows by a matrix."""
        if self.given is None or self.back is None:
            return not self.is_layer and all(len(s) == 2 for s in self.shapes.values())
        call = Call(self.label, 0, FORWARD, 0, 0, self.label, [self.given], [self.back])
        if len(self.given) != len(self.back):
            return False
        biases = {n: a for n, a in self.kept.items() if a.ndim <= 2 and a.size == self.back[0].size}
        matrices = {n: a for n, a in self.kept.items() if fits(call, a)}
        # Beside its matrix it may keep what an optimiser remembers of it, in the same shape.
        return any(
            linear_of(replace(call, kept={name: matrix, **biases})) is not None
            for name, matrix in matrices.items()
        )

    def is_data(self, samples: int) -> bool:
        """True if it is as long as what it was trained on: something that was kept, not learnt."""
        return not self.is_layer and any(samples in s for s in self.shapes.values())


@dataclass
class Disturbed:
    """What was seen. `base` are the answers of the model as it is."""

    base: np.ndarray | None = None
    all_change: float | None = None
    parts: list[Part] = field(default_factory=list)


def disturbed(found: Iterable[Found], asked: int) -> Disturbed:
    """What the student's process tells of a model that was asked for so many images."""
    answers: dict[str, np.ndarray] = {}
    parts: dict[int, Part] = {}
    outputs: dict[str, np.ndarray] = {}  # of the last layer
    raised: set[str] = set()
    for entry in found:
        match entry.path:
            case (key, "answer", str(name), *_) if key == KEEP and name not in answers:
                classes, _ = formats.decode(entry.array, asked)
                if classes is not None:
                    answers[name] = classes
            case (key, "last", str(name)) if key == KEEP and entry.array.ndim == 2:
                outputs[name] = entry.array
            case (key, "raised", str(name)) if key == KEEP:
                raised.add(name)
            case (key, "group", int(k), str(label), int(), str(name)) if key == KEEP:
                numbers = [int(n) for n in entry.array.ravel()]
                part = parts.setdefault(k, Part(label))
                part.moved[name], part.shapes[name] = numbers[0], tuple(numbers[1:])
            case (key, "kept", int(k), str(name)) if key == KEEP and k in parts:
                parts[k].kept[name] = entry.array
            case (key, "given", int(k)) if key == KEEP and k in parts:
                parts[k].given = entry.array
            case (key, "back", int(k)) if key == KEEP and k in parts:
                parts[k].back = entry.array
    base = answers.get("base")
    seen = Disturbed(base, None, [parts[k] for k in sorted(parts)])

    def change(name: str) -> float | None:
        if name in raised:
            return 1.0
        other = answers.get(name)
        if other is None or base is None:
            return None
        share = float(np.mean(other != base))
        if name != "all" and _speaks(outputs.get("base"), base) and name in outputs:
            # Where the last layer's largest output is the answer, what moves it takes part,
            # whether the answer is another one by it or not yet.
            share = max(share, _rows_that_differ(outputs["base"], outputs[name]))
        return share

    seen.all_change = change("all")
    for k, part in parts.items():
        part.change = change(str(k))
    return seen


def _speaks(output: np.ndarray | None, answers: np.ndarray) -> bool:
    """True if the answers are the largest of what the last layer gave back, row by row."""
    if output is None or output.shape[1] < 2 or not len(output):
        return False
    told = output.argmax(axis=1)
    return (
        bool(np.mean(told == answers[-len(told) :]) > 0.95) if len(told) <= len(answers) else False
    )


def _rows_that_differ(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape:
        return 1.0
    with np.errstate(all="ignore"):
        same = np.isclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True).all(axis=1)
    return float(np.mean(~same))


def judge(seen: Disturbed, wanted: Network, samples: int) -> Finding:
    """Whether it is a network of the kind that is asked for.

    Args:
        samples: the number of images that it was trained on.
    """
    if seen.base is None or seen.all_change is None or not seen.parts:
        return Finding(Standing.UNKNOWN)
    if any(part.change is None for part in seen.parts):
        return Finding(Standing.UNKNOWN)  # not all of it was looked at
    parts = [p for p in seen.parts if p.takes_part and not p.is_data(samples)]
    for told in _faults(seen, parts, wanted):
        return Finding(Standing.WRONG, told)
    shown = all(p.went_on or (p.is_layer and p.was_learnt) for p in parts)
    adjusted = any(p.went_on for p in parts)
    return Finding(Standing.RIGHT, by_steps=not shown, adjusted=adjusted)


def _faults(seen: Disturbed, parts: Sequence[Part], wanted: Network) -> Iterator[Message]:
    if seen.all_change is not None and seen.all_change < _MUCH:
        names = ", ".join(_name(p) for p in seen.parts)
        yield M(
            "It is no network that answers: with all weights changed ({names}), predict gives nearly the same answers.",
            names=names,
        )
    if sum(p.layers for p in parts) < wanted.layers:
        yield M(
            "Layers whose weights take part in predict: {n} ({names}); the network that is asked for has at least {wanted}.",
            n=sum(p.layers for p in parts),
            names=", ".join(_name(p) for p in parts) or "-",
            wanted=wanted.layers,
        )
    still = [p for p in parts if p.was_learnt is False]
    if still:
        yield M(
            "Training never changes the weights of {names}.",
            names=", ".join(_name(p) for p in still),
        )
    if wanted.axes:
        yield from _without_convolution(parts, wanted.axes)


def _without_convolution(parts: Sequence[Part], axes: int) -> Iterator[Message]:
    rest = [p for p in parts if not p.is_dense]
    if not rest:
        yield M(
            "All its layers with weights are dense ({names}): it is a network of another sprint, without a convolution.",
            names=", ".join(_name(p) for p in parts),
        )
        return
    found = next((a for a in map(_axes_of, rest) if a is not None), None)
    if found is not None and found != axes:
        yield M(
            "Its convolution goes along {found} axes, {names}: it is a network of another sprint; {wanted} are asked for.",
            found=found,
            names=_name(rest[0]),
            wanted=axes,
        )


def _axes_of(part: Part) -> int | None:
    """Along how many axes a convolution goes, if its arrays leave no doubt."""
    if part.given is None or not part.shapes:
        return None
    shapes = list(part.shapes.values())
    if any(len(s) == 4 and s[-1] > 1 and s[-2] > 1 for s in shapes):
        return 2
    sides = [n for n in part.given.shape[1:] if n > 1]
    long = [n for n in sides if n >= 64]
    square = any(len(s) >= 2 and any(a == b > 1 for a, b in itertools.pairwise(s)) for s in shapes)
    if len(long) == 1 and not square and all(n < 64 for n in sides if n != long[0]):
        return 1
    return None


def _name(part: Part) -> str:
    """A part as the student knows it, with the shapes of its weights."""
    names = [re.sub(r"[^\w.\[\]']", "", n) for n in part.shapes]
    shapes = ", ".join(
        f"{n} {'x'.join(map(str, s))}" for n, s in zip(names, part.shapes.values(), strict=True)
    )
    return f"{part.label}: {shapes}" if part.is_layer else shapes
