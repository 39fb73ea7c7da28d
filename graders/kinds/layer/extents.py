"""What the sizes in an exception stand for: told by how they follow the layer's sizes from call to call.

An axis of 7 may be the input's length or a number that is written into the code. Of several calls with
other sizes only one of the two fits; so nothing is said of what a single call showed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from graders.cases import output_axes
from graders.messages import M, Message
from graders.sandbox.session import CellError
from graders.specs import ItemSpec

_WORDS: Mapping[str, Message] = {
    "batch_size": M("samples"),
    "in_channels": M("input channels"),
    "out_channels": M("output channels"),
    "in_nodes": M("input nodes"),
    "out_nodes": M("output nodes"),
    "input_size": M("input length"),
    "output_size": M("output length"),
    "input_height": M("input height"),
    "input_width": M("input width"),
    "output_height": M("output height"),
    "output_width": M("output width"),
    "filter_height": M("filter height"),
    "filter_width": M("filter width"),
    "filter_size": M("filter size"),
    "pool_size": M("window size"),
}
_OF_OUTPUT = {
    "in_channels": "out_channels", "in_nodes": "out_nodes", "input_size": "output_size",
    "input_height": "output_height", "input_width": "output_width",
}  # fmt: skip
_CHANNELS = M("channels")
_BOTH_SIDES = (("filter_height", "filter_width"), ("pool_height", "pool_width"))


@dataclass(frozen=True)
class Raised:
    """An exception, and the sizes of the call that it came from."""

    error: CellError
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class _Formula:
    """Something that an axis may be as long as: a product of sizes, plus so many paddings, plus so much.

    `level`: the higher, the less likely.
    """

    level: int
    words: Message
    factors: tuple[str, ...]
    paddings: int = 0
    more: int = 0

    def at(self, sizes: Mapping[str, int]) -> int:
        own = prod(sizes[f] for f in self.factors)
        return own + self.paddings * sizes.get(_PADDING, 0) + self.more


_PADDING = "P"
_FOR_A_NUMBER = 3  # calls of other sizes in which it stays the same
_Extent = _Formula | int  # or a number that is the same whatever the sizes are
_Axes = list[_Extent | None]


class Extents:
    """Finds what numbers stand for, in the sizes of one item."""

    def __init__(self, spec: ItemSpec) -> None:
        self._spec = spec
        self._words = dict(words_of(spec))
        self._formulas = sorted(self._possible(), key=lambda f: f.level)

    def of_error(self, raised: Sequence[Raised]) -> Message | None:
        """What meets in a line that raised, each time for other sizes; None if it can't be told."""
        for pattern, sentence in _SENTENCES:
            found = [(pattern.search(r.error.message), r.sizes) for r in raised]
            kept = [(f, sizes) for f, sizes in found if f is not None]
            if found[0][0] is not None:
                return sentence(
                    [
                        self._shape([(_numbers(f[n]), sizes) for f, sizes in kept])
                        for n in range(1, pattern.groups + 1)
                    ]
                )
        beyond = [(_BEYOND.search(r.error.message), r.sizes) for r in raised]
        if beyond[0][0] is None:
            return None
        return self._beyond(self._extent([(int(f[1]), sizes) for f, sizes in beyond if f]))

    def _beyond(self, extent: _Extent | None) -> Message | None:
        """How long the axis is that an index runs past."""
        if extent is None or isinstance(extent, int):
            return _constant([[extent]])
        if self._is_unpadded(extent):
            return M(
                "The axis has the {size} as it came in: no padding has been added to it.",
                size=extent.words,
            )
        return M("The axis is as long as the {size}, and the index goes on.", size=extent.words)

    def of_shape(
        self, shapes: Sequence[tuple[tuple[int, ...], Mapping[str, int]]]
    ) -> Message | None:
        """What the axes of an array stand for; None if one of them can't be told."""
        found = self._shape(shapes)
        axes = _told(found)
        return None if axes is None else M("Its axes are ({axes}).", axes=axes)

    def _is_unpadded(self, extent: _Formula) -> bool:
        """True for a length of the input where the item pads it."""
        always = bool(self._spec.sizes.get(_PADDING, (0, 0))[0])
        return (
            always and extent.factors[0] in self._padded() and extent.level == 0 == extent.paddings
        )

    # -- numbers to words ------------------------------------------------------------------

    def _shape(self, seen: Sequence[tuple[tuple[int, ...], Mapping[str, int]]]) -> _Axes:
        """Axis by axis what it stands for; nothing if the number of axes differs."""
        counts = {len(shape) for shape, _ in seen}
        if len(counts) != 1:
            return []
        return [
            self._extent([(shape[axis], sizes) for shape, sizes in seen])
            for axis in range(counts.pop())
        ]

    def _extent(self, seen: Sequence[tuple[int, Mapping[str, int]]]) -> _Extent | None:
        numbers = {number for number, _ in seen}
        if numbers == {1}:
            return 1
        calls = len({tuple(sorted(sizes.items())) for _, sizes in seen})
        fitting = [f for f in self._formulas if all(f.at(s) == number for number, s in seen)]
        moving = [f for f in fitting if len({f.at(s) for _, s in seen}) > 1]
        if moving:
            likeliest = [f for f in moving if f.level == moving[0].level]
            return likeliest[0] if len(likeliest) == 1 else None
        if len(numbers) > 1 or any(f.level == 0 for f in fitting) or calls < _FOR_A_NUMBER:
            return None
        return numbers.pop()

    def _possible(self) -> Iterator[_Formula]:
        words = self._words
        for name, said in words.items():
            yield _Formula(0, said, (name,))
        if self._spec.sizes.get(_PADDING, (0, 0))[1]:
            for name in words:
                if name in self._padded():
                    padded = M("{size} with its padding", size=words[name])
                    yield _Formula(0, padded, (name,), paddings=2)
                else:  # np.pad without a pair for each axis pads all of them
                    padded = M("{size} + 2 × padding", size=words[name])
                    yield _Formula(1, padded, (name,), paddings=2)
        for name, said in words.items():
            yield _Formula(1, M("{size} - 1", size=said), (name,), more=-1)
            yield _Formula(1, M("{size} + 1", size=said), (name,), more=1)
        # A window that is as high as it is wide has its size twice among the factors.
        factors = [n for n in words for _ in range(1 + (n in self._squares()))]
        for count in (2, 3):
            for chosen in dict.fromkeys(itertools.combinations(factors, count)):
                yield _Formula(count, _times([words[n] for n in chosen]), chosen)

    def _squares(self) -> set[str]:
        """The sizes that are both the height and the width of something."""
        roles = self._spec.roles
        return {
            roles[one].text for one, other in _BOTH_SIDES
            if one in roles and other in roles and roles[one].text == roles[other].text
        }  # fmt: skip

    def _padded(self) -> list[str]:
        """The axes of the input that are padded."""
        padded = [f.names for f in self._spec.shapes.values() if _PADDING in f.names]
        return [a for a in self._spec.axes if any(a in names for names in padded)]


def words_of(spec: ItemSpec) -> Iterator[tuple[str, Message]]:
    """What each size is called: by the role that it has for constructors."""
    by_size: dict[str, str] = {}
    for role in _WORDS:
        if role in spec.roles:
            by_size.setdefault(spec.roles[role].text, role)
    axes = (*spec.axes, *(a for w in spec.weights.values() for a in w.axes))
    for axis in dict.fromkeys((*axes, *spec.sizes)):
        role = by_size.get(axis, "")
        if role == "in_channels" and spec.output.get(axis, axis) == axis:
            yield axis, _CHANNELS
        elif role:
            yield axis, _WORDS[role]
    for before, after in zip(spec.axes, output_axes(spec), strict=False):
        role = _OF_OUTPUT.get(by_size.get(before, ""), "")
        if after not in axes and role:
            yield after, _WORDS[role]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text))


def _said(extent: _Extent) -> Message | int:
    return extent if isinstance(extent, int) else extent.words


def _told(axes: _Axes) -> Message | None:
    """All of them, one after the other; None if one is not known."""
    known = [_said(axis) for axis in axes if axis is not None]
    if not known or len(known) < len(axes):
        return None
    listed = M("{one}", one=known[0])
    for axis in known[1:]:
        listed = M("{one}, {other}", one=listed, other=axis)
    return listed


def _times(parts: Sequence[Message]) -> Message:
    made = parts[0]
    for part in parts[1:]:
        made = M("{one} × {other}", one=made, other=part)
    return made


# -- sentences --------------------------------------------------------------------------------------

_Groups = Sequence[_Axes]


def _constant(groups: _Groups) -> Message | None:
    """A size that no size of the layer moves."""
    fixed = {e for group in groups for e in group if isinstance(e, int) and e > 1}
    if len(fixed) != 1:
        return None
    return M(
        "{n} stays the same for layers and inputs of any size: it is a number in the code, or belongs to a variable of the notebook.",
        n=fixed.pop(),
    )


def both(one: Message, other: Message) -> Message:
    """One sentence behind the other."""
    return M("{one} {two}", one=one, two=other)


def _with(one: Message, other: Message | None) -> Message:
    return one if other is None else both(one, other)


def _broadcast(groups: _Groups) -> Message | None:
    one, other = _told(groups[0]), _told(groups[1])
    if one is None or other is None:
        return _constant(groups)
    met = M(
        "An array of ({one}) meets one of ({other}); their axes are matched from the last one backwards.",
        one=one, other=other,
    )  # fmt: skip
    return _with(met, _constant(groups))


def _into(groups: _Groups) -> Message | None:
    one, other = _told(groups[0]), _told(groups[1])
    if one is None or other is None:
        return _constant(groups)
    put = M("An array of ({one}) is put into a place of ({other}).", one=one, other=other)
    return _with(put, _constant(groups))


def _over(groups: _Groups) -> Message | None:
    return _into([groups[1], groups[0]])


def _product(groups: _Groups) -> Message | None:
    left, right = _told(groups[0][-1:]), _told(groups[1][:1])
    if left is None or right is None:
        return _constant([groups[0][-1:], groups[1][:1]])
    met = M(
        "Left of the product the columns are the {left}, right of it the rows are the {right}; they have to be the same.",
        left=left, right=right,
    )  # fmt: skip
    return _with(met, _constant([groups[0][-1:], groups[1][:1]]))


def _core(groups: _Groups) -> Message | None:
    return _product([groups[1], groups[0]])


def _reshaped(groups: _Groups) -> Message | None:
    size, shape = _told(groups[0]), _told(groups[1])
    if size is None or shape is None:
        return _constant(groups[1:])
    said = M("There are {size} elements, and the new shape is ({shape}).", size=size, shape=shape)
    return _with(said, _constant(groups[1:]))


_SHAPE = r"(\([\d,]*\))"
_SENTENCES = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            rf"could not be broadcast together with (?:remapped )?shapes {_SHAPE} {_SHAPE}",
            _broadcast,
        ),
        (rf"could not broadcast input array from shape {_SHAPE} into shape {_SHAPE}", _into),
        (rf"output operand with shape {_SHAPE} doesn't match the broadcast shape {_SHAPE}", _over),
        (rf"shapes {_SHAPE} and {_SHAPE} not aligned", _product),
        (r"mismatch in its core dimension 0.*\(size (\d+) is different from (\d+)\)", _core),
        (rf"cannot reshape array of size (\d+) into shape {_SHAPE}", _reshaped),
    )
)
_BEYOND = re.compile(r"is out of bounds for axis \d+ with size (\d+)")
