"""Which array is the answer for a role: told by where it stands and what it is called, never by
its being right.

One answer, one place. What is returned stands before what is kept, a name that says the role before
one that says nothing; several different arrays that could be it just as well are no answer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graders.arrays import layouts
from graders.arrays.matching import Match, Path, Truth, layouts_of, match
from graders.binding.joined import row_of
from graders.binding.lexicon import lexicon, own_name
from graders.sandbox.session import Found
from graders.specs import ItemSpec

HANDFUL = 3  # arrays of one shape, returned side by side, of which the first is still an answer
LOOKED_AT = 160  # arrays of one object that the student's process sends, at most
_CLOSE = 1e-9  # two arrays that are nearer than this are one array, kept twice

_NAMES = {
    "dW": re.compile(
        r"(d|grad|delta|l|dif|diff)_?(l_?d)?(w|filter|weight|kernel)\w*|(w|weights?|filters?|kernels?)_?(grad|feedback|new|d)\w*",
        re.I,
    ),
    "dB": re.compile(
        r"(d|grad|delta|l|dif|diff)_?(l_?d)?(b|bias)\w*|(b|bias(es)?)_?(grad|feedback|new|d)\w*",
        re.I,
    ),
    "dX": re.compile(r"(d|grad|delta|dif|diff)_?(l_?d)?(x|z|input)\w*", re.I),
}
_OF_WEIGHT = (
    r"_?(d|grad|delta|l|dif|diff)_?(l_?d)?_?({names})(_?(sum|total|all))?"
    r"|({names})_?(grad\w*|feedback|new|d\w*)"
)
_HOLDER = re.compile(r"_?(d|grads?|gradients?|deltas?|derivatives?|params|network|cache)\w*", re.I)
# Of several that speak of the gradient, the one whose name says no more than that: dW, not dW_old.
_PLAIN = re.compile(
    r"_?(d|grad|l)_?(l_?d)?_?(w|weights?|filters?|kernels?|b|bias(es)?|x|z|inputs?)"
    r"|(w|weights?|filters?|kernels?|b|bias(es)?)_?(grad|gradient)s?",
    re.I,
)
_OTHER_NUMBERS = ("weight", "bias", "lr", "sigma", "stride", "padding", "epochs")


@dataclass(frozen=True)
class Standing:
    """The array that stands for a role, at each place where it stands; or the different arrays that
    could, which are then no answer.
    """

    entries: tuple[Found, ...] = ()
    rivals: tuple[Found, ...] = ()

    def right(self, truth: Truth, tolerance: float, factors: Sequence[float]) -> Match | None:
        """What stands there, if it is the true array."""
        for entry in self.entries:
            hit = match(entry.array, truth, tolerance, factors)
            if hit:
                return Match(entry.path, *hit)
        return None


@functools.cache
def _names(facet: str, patterns: tuple[str, ...]) -> re.Pattern[str]:
    """The names that students give to a gradient; `patterns`: those of a weight's own name."""
    if not patterns:
        return _NAMES[facet]
    return re.compile(_OF_WEIGHT.replace("{names}", "|".join(patterns)), re.I)


def called(spec: ItemSpec, facet: str) -> re.Pattern[str]:
    """The names of a facet's gradient in an item."""
    name = spec.weight_of(facet)
    own = spec.weights[name].names if name is not None else ()
    return _names(facet, tuple(p.pattern for p in own))


def named(spec: ItemSpec, facet: str, entries: Sequence[Found]) -> list[Found]:
    """Attributes and keys whose own name is one of the gradient's."""
    kept = [e for e in entries if len(e.path) > 1 and isinstance(e.path[-1], str)]
    if facet == "dB" and any(row_of(e.path) for e in kept):  # a row of the weight's gradient
        names = called(spec, "dW")
        return [e for e in kept if row_of(e.path) and names.fullmatch(str(e.path[-2]))]
    names = called(spec, facet)
    return [e for e in kept if names.fullmatch(own_name(str(e.path[-1])))]


def beside(spec: ItemSpec, facet: str, entries: Sequence[Found]) -> list[Found]:
    """``self.gamma.grad``: the gradient in the object that is called like the weight."""
    name = spec.weight_of(facet)
    own = spec.weights[name].names if name is not None else ()
    return [
        e
        for e in entries
        if len(e.path) > 2
        and lexicon().is_a(str(e.path[-1]), "held_gradient")
        and any(p.fullmatch(str(e.path[-2])) for p in own)
    ]


def keyed(spec: ItemSpec, facet: str, entries: Sequence[Found]) -> list[Found]:
    """``self.grads["W"]`` and the like."""
    return [e for e in entries if len(e.path) > 2 and _is_keyed(spec, facet, e)]


def listed(entries: Sequence[Found], shape: tuple[int, ...]) -> Found | None:
    """The array of this shape, axes of 1 aside, among ``self.grads[0]`` and the like; None if there are several.

    The layer's own stand before those of the objects that it is made of.
    """
    found = [
        e for e in entries
        if len(e.path) > 2 and isinstance(e.path[-1], int)
        and isinstance(e.path[-2], str) and lexicon().is_a(e.path[-2], "held_gradient")
        and e.array.squeeze().shape == tuple(n for n in shape if n != 1)
    ]  # fmt: skip
    nearest = [e for e in found if len(e.path) == min(len(f.path) for f in found)]
    return nearest[0] if len(nearest) == 1 else None


def _is_keyed(spec: ItemSpec, facet: str, entry: Found) -> bool:
    *_, holder, key = entry.path
    if not (isinstance(holder, str) and isinstance(key, str)):
        return False
    names, key = called(spec, facet), own_name(key)
    says = names.fullmatch(key) or names.fullmatch(f"d{key}")
    return bool(_HOLDER.fullmatch(holder) and says) or key.lower() == facet.lower()


def fitting(
    entries: Iterable[Found], truth: Truth, known: Sequence[np.ndarray] = ()
) -> list[Found]:
    """The entries that have the role's shape in some layout and are none of the arrays that the
    call was given; placeholders of one number throughout, and whole numbers beside others, are not
    meant either.
    """
    given = [k for k in known if not _alike(k, truth.array)]
    level = truth.array.size > 1 and np.ptp(truth.array) > 0
    found = [
        e
        for e in entries
        if e.array.dtype.kind in "fiu"
        and e.array.size == truth.array.size
        and layouts_of(e.array, truth)
        and not any(_alike(e.array, k) for k in given)
    ]
    found = [e for e in found if not level or np.ptp(e.array) != 0] or found
    return [e for e in found if e.array.dtype.kind == "f"] or found


def _alike(a: np.ndarray, b: np.ndarray) -> bool:
    if a.size != b.size:
        return False
    if a.shape != b.shape:
        a, b = np.squeeze(a), np.squeeze(b)
        if a.shape != b.shape:
            return False
    if a.size:  # most differ in their first element, and most of the time is spent here
        one, other = float(a.flat[0]), float(b.flat[0])
        if abs(one - other) > _CLOSE + _CLOSE * abs(other):
            return False
    return np.allclose(a.astype(np.float64), b.astype(np.float64), _CLOSE, _CLOSE, equal_nan=True)


Forms = Callable[[Found], list[np.ndarray]]
"""An entry in the role's own axes, in each layout that it may be in."""


def forms_of(truth: Truth) -> Forms:
    """By the layouts that the role's axes may have."""

    def forms(entry: Found) -> list[np.ndarray]:
        return [
            layouts.canonical(layout, entry.array, truth.axes, truth.sizes)
            for layout in layouts_of(entry.array, truth)
        ]

    return forms


def distinct(entries: Sequence[Found], forms_of: Forms) -> list[list[Found]]:
    """The entries, those together that are one array, in whatever layout."""
    groups: list[tuple[list[np.ndarray], list[Found]]] = []
    for entry in entries:
        forms = forms_of(entry)
        for others, group in groups:
            if any(_alike(form, other) for form in forms for other in others):
                group.append(entry)
                break
        else:
            groups.append((forms, [entry]))
    return [group for _, group in groups]


def output(
    found: Sequence[Found],
    truth: Truth,
    known: Sequence[np.ndarray],
    head: str = "y",
    at: Path = (),
) -> Standing:
    """What stands for the output in what forward returned; `at`: where the plan has it."""
    mine = [e for e in found if e.path[: 1 + len(at)] == (head, *at)]
    return returned(
        fitting(mine, truth, known), forms_of(truth), lambda name: lexicon().is_a(name, "output")
    )


def returned(entries: Sequence[Found], forms: Forms, says: Callable[[str], bool]) -> Standing:
    """What stands for a role among returned values: the value itself; else what a key's name says;
    else the first of a few that are returned side by side; of what lies less deep.
    """
    for depth in sorted({len(e.path) for e in entries}):
        level = [e for e in entries if len(e.path) == depth]
        told = [e for e in level if isinstance(e.path[-1], str) and says(e.path[-1])]
        groups = distinct(told or level, forms)
        in_order = all(isinstance(e.path[-1], int) for e in level)
        if len(groups) == 1 or (in_order and len(groups) <= HANDFUL):
            return Standing(tuple(groups[0]))
        return Standing((), tuple(group[0] for group in groups))
    return Standing()


def gradient(
    spec: ItemSpec,
    facet: str,
    truth: Truth,
    ret: Sequence[Found],
    after: Sequence[Found],
    untouched: frozenset[Path],
    known: Sequence[np.ndarray],
    taken: frozenset[Path] = frozenset(),
) -> Standing:
    """What stands for a gradient among all that can be reached after backward.

    Args:
        untouched: what backward left as it was before: meant only if there is nothing else.
        known: the arrays that the call was given and what forward returned.
        taken: where the weights themselves were before backward.
    """
    back = fitting(ret, truth, known)
    kept = [e for e in fitting(after, truth, known) if e.path[1:] not in taken]
    moved = [e for e in kept if e.path not in untouched]
    names = called(spec, facet)
    answer = functools.partial(
        returned,
        _its_turn(spec, facet, back, truth),
        forms_of(truth),
        lambda name: bool(names.fullmatch(name)),
    )
    says = [
        functools.partial(_told, named(spec, facet, [*back, *moved]), truth),
        functools.partial(_told, keyed(spec, facet, [*back, *moved]), truth),
        functools.partial(only, beside(spec, facet, moved), truth),
    ]
    handed = [e for e in moved if "_sg_calls" in e.path]
    others = [e for e in moved if "_sg_calls" not in e.path and not _of_another(e)]
    others = [e for e in others if not _of_a_part(e)] or others
    rest = [functools.partial(only, pool, truth) for pool in (handed, others)]
    order = [answer, *says, *rest] if facet == "dX" else [*says, answer, *rest]
    parts = Standing()  # a sequence may keep its own behind what each of its steps keeps
    for look in order:
        standing = look()
        if standing.rivals and all(_of_a_part(e) for e in standing.rivals):
            parts = parts if parts.rivals else standing
        elif standing.entries or standing.rivals:
            return standing
    return parts if parts.rivals else only([e for e in kept if e.path in untouched], truth)


def _its_turn(spec: ItemSpec, facet: str, back: Sequence[Found], truth: Truth) -> Sequence[Found]:
    """Of weights with the same axes, as gamma and beta, the gradients that are returned side by side are in the
    order of the weights: ``return dx, dgamma, dbeta``; where the input has such axes as well, its own is before them:
    ``return dq, dk, dv``. Anything else is left as it is.
    """
    name = spec.weight_of(facet)
    if name is None:
        return back
    axes = {n: tuple(map(spec.twin, w.axes)) for n, w in spec.weights.items()}
    alike = [n for n, own in axes.items() if own == axes[name]]
    if tuple(map(spec.twin, spec.axes)) == axes[name]:
        alike.insert(0, "")
    groups = distinct(back, forms_of(truth))
    places = [g[0].path for g in groups]
    if len(alike) < 2 or len(groups) != len(alike) or len({p[:-1] for p in places}) != 1:
        return back
    if not all(isinstance(p[-1], int) for p in places):
        return back
    return sorted(groups, key=lambda g: g[0].path)[alike.index(name)]


def _told(entries: Sequence[Found], truth: Truth) -> Standing:
    """Of those whose names say the role, the nearest to the instance; then the plainest name."""
    for depth in sorted({len(e.path) for e in entries}):
        level = [e for e in entries if len(e.path) == depth]
        plain = [e for e in level if _PLAIN.fullmatch(str(e.path[-1]))]
        return only(plain or level, truth)
    return Standing()


def only(entries: Sequence[Found], truth: Truth) -> Standing:
    """The one array among the entries, wherever it stands; of several, none."""
    groups = distinct(entries, forms_of(truth))
    if len(groups) > 1:
        return Standing((), tuple(group[0] for group in groups))
    return Standing(tuple(groups[0]) if groups else ())


def _of_a_part(entry: Found) -> bool:
    """True for what lies in one of several objects that the layer is made of: ``self.layers[0].grads[1]``."""
    numbers = [i for i, part in enumerate(entry.path) if isinstance(part, int)]
    return any(isinstance(part, str) for i in numbers[:1] for part in entry.path[i + 1 :])


def _of_another(entry: Found) -> bool:
    """True for a number that is called a rate, a stride, a size: no gradient of one number."""
    name = next((p for p in reversed(entry.path) if isinstance(p, str)), "")
    roles = lexicon().roles(name)
    return entry.array.size == 1 and any(r in _OTHER_NUMBERS for r in roles)


def at_place(entries: Sequence[Found], place: Path) -> Iterator[Found]:
    """What stands at a place later on: of calls or lists that have grown, the latest first."""
    if place[0] in ("ret", "y"):
        yield from (e for e in entries if e.path == place)
        return
    number = place.index("_sg_calls") + 1 if "_sg_calls" in place else len(place) - 1
    if not isinstance(place[number], int):
        number = len(place)  # nothing that grows
    before, after = place[:number], place[number + 1 :]
    for entry in reversed(entries):
        if entry.path[:number] == before and entry.path[number + 1 :] == after:
            yield entry
