"""Relations between what came out and what should have, whatever the item."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import prod

import numpy as np

from graders.arrays import layouts
from graders.arrays.matching import Truth
from graders.binding.plans import is_bias
from graders.cases import output_axes
from graders.diagnosis.deciding import Hypothesis
from graders.diagnosis.lessons import convolution, dense, general
from graders.diagnosis.sights import NOTHING, Sight, Tokens, aligned, close, fits
from graders.messages import M, Message
from graders.misconceptions import Lesson, Name

_YES: Tokens = frozenset({"yes"})
_Relation = Callable[[Sight, np.ndarray], Tokens]


def relations() -> Iterator[Hypothesis]:
    """The relations, the most telling first."""
    listed: tuple[tuple[str, Lesson, _Relation], ...] = (
        ("stays-zero", general.STAYS_ZERO, _zero),
        ("nan", general.ALL_NAN, _all_nan),
        ("partly-nan", general.PARTLY_NAN, _partly_nan),
        ("sign", general.SIGN, _sign),
        ("mean-twice", dense.MEAN_TWICE, _mean_twice),
        ("scaled-by-batch", general.SCALED_BY_BATCH, _scaled_by_batch),
        ("scaled", general.SCALED, _scaled),
        ("integers", convolution.INTEGER, _integers),
        ("bias-not-summed", general.BIAS_NOT_SUMMED, _upstream_for_bias),
        ("gradient-unchanged", general.GRADIENT_UNCHANGED, _upstream_itself),
        ("other-gradient", general.OTHER_GRADIENT, _other_gradient),
        ("accumulates", convolution.ACCUMULATES, _accumulated),
        ("stale", general.STALE, _stale),
        ("grows", convolution.GROWS, _grows),
        ("partly-filled", general.PARTLY_FILLED, _partly_filled),
        ("flipped", general.FLIPPED, _flipped),
        ("shifted", general.SHIFTED, _shifted),
        ("other-order", general.OTHER_ORDER, _other_order),
        ("uncropped", general.UNCROPPED, _uncropped),
        ("cut-off", general.CUT_OFF, _cut_off),
        ("wrong-axes", general.WRONG_AXES, _wrong_axes),
        ("axis-kept", general.AXIS_KEPT, _axis_kept),
        ("summed-too-far", general.SUMMED_TOO_FAR, _summed_too_far),
    )
    for id_, lesson, relation in listed:
        yield Hypothesis(Name(id_, lesson), relation)


# -- one value or none --------------------------------------------------------------------------


def _zero(sight: Sight, array: np.ndarray) -> Tokens:
    return _YES if not np.any(array) and np.any(sight.truth.array) else NOTHING


def _all_nan(sight: Sight, array: np.ndarray) -> Tokens:
    return _YES if array.dtype.kind == "f" and np.all(np.isnan(array)) else NOTHING


def _partly_nan(sight: Sight, array: np.ndarray) -> Tokens:
    if array.dtype.kind != "f":
        return NOTHING
    holes = np.isnan(array)
    return _YES if np.any(holes) and np.any(np.isfinite(array)) else NOTHING


# -- factors ------------------------------------------------------------------------------------


def _ratio(sight: Sight, array: np.ndarray) -> float | None:
    """The one factor between the array and the true one."""
    a, t = aligned(sight, array), sight.truth.array
    if a is None or a.size < 2:
        return None
    square = float(np.sum(t * t))
    with np.errstate(all="ignore"):
        ratio = float(np.sum(a * t) / square) if square else 0.0
    if not np.isfinite(ratio) or abs(ratio) < 1e-9 or abs(ratio - 1) < 1e-6:
        return None
    return ratio if close(a, ratio * t) else None


def _is(value: float | None, other: float) -> bool:
    return value is not None and abs(value - other) <= 1e-6 * abs(other)


def _sign(sight: Sight, array: np.ndarray) -> Tokens:
    ratio, n = _ratio(sight, array), sight.case.sizes.get("N", 1)
    return frozenset(t for t, v in (("-1", -1.0), ("-1/N", -1.0 / n)) if _is(ratio, v))


def _mean_twice(sight: Sight, array: np.ndarray) -> Tokens:
    n = sight.case.sizes.get("N", 1)
    return _YES if n > 1 and _is(_ratio(sight, array), 1.0 / n**2) else NOTHING


def _scaled_by_batch(sight: Sight, array: np.ndarray) -> Tokens:
    n = sight.case.sizes.get("N", 1)
    if n == 1:
        return NOTHING
    ratio = _ratio(sight, array)
    return frozenset(t for t, v in (("N", n), ("1/N", 1 / n)) if _is(ratio, v))


def _scaled(sight: Sight, array: np.ndarray) -> Tokens:
    ratio = _ratio(sight, array)
    if ratio is None:
        return NOTHING
    sizes = dict(sight.case.sizes)
    spec = sight.case.spec
    places = [a for a in output_axes(spec)[2:] if a in sizes]
    sizes["positions"] = prod(sizes[a] for a in places)
    tokens = {("constant", round(ratio, 6))}
    tokens |= {(name, 1) for name, v in sizes.items() if v > 1 and _is(ratio, v)}
    tokens |= {(name, -1) for name, v in sizes.items() if v > 1 and _is(ratio, 1 / v)}
    return frozenset(tokens)


def _integers(sight: Sight, array: np.ndarray) -> Tokens:
    a, t = aligned(sight, array), sight.truth.array
    if a is None or not np.any(t != np.trunc(t)):
        return NOTHING
    ways = {"trunc": np.trunc(t), "floor": np.floor(t), "round": np.round(t)}
    return frozenset(name for name, made in ways.items() if close(a, made))


# -- other arrays of the same call, or of the one before ----------------------------------------


def _upstream_for_bias(sight: Sight, array: np.ndarray) -> Tokens:
    weight = sight.case.spec.weight_of(sight.facet)
    return _upstream_itself(sight, array) if weight is not None and is_bias(weight) else NOTHING


def _upstream_itself(sight: Sight, array: np.ndarray) -> Tokens:
    if sight.facet not in sight.case.gradients:
        return NOTHING
    return fits(array, Truth(sight.case.upstream, output_axes(sight.case.spec)), None)


def _other_gradient(sight: Sight, array: np.ndarray) -> Tokens:
    if sight.facet not in sight.case.gradients:
        return NOTHING
    others = [f for f in sight.case.gradients if f != sight.facet]
    return frozenset(f for f in others if fits(array, sight.case.truth(f), None))


def _earlier(sight: Sight) -> np.ndarray | None:
    if sight.before is None:
        return None
    return sight.before.truth(
        "forward" if sight.facet in ("shape", "repeat") else sight.facet
    ).array


def _accumulated(sight: Sight, array: np.ndarray) -> Tokens:
    a, earlier = aligned(sight, array), _earlier(sight)
    if a is None or earlier is None:
        return NOTHING
    n, t = sight.case.sizes.get("N", 1), sight.truth.array
    ways = {"sum": t + earlier, "mean": (t + earlier) / n, "halves": t + earlier / n}
    return frozenset(name for name, made in ways.items() if close(a, made))


def _stale(sight: Sight, array: np.ndarray) -> Tokens:
    a, earlier = aligned(sight, array), _earlier(sight)
    if a is None or earlier is None:
        return NOTHING
    n = sight.case.sizes.get("N", 1)
    return frozenset(k for k, f in (("1", 1.0), ("1/N", 1 / n)) if close(a, earlier * f))


def _grows(sight: Sight, array: np.ndarray) -> Tokens:
    """The earlier result stands in front of the right one."""
    truth, earlier = sight.truth, _earlier(sight)
    if earlier is None or array.size != 2 * truth.array.size:
        return NOTHING
    for axis in range(array.ndim):
        if array.shape[axis] % 2:
            continue
        first, last = np.split(array, 2, axis)
        if fits(last, truth, None) and fits(first, Truth(earlier, truth.axes), None):
            return _YES
    flat = array.ravel()
    for layout in itertools.permutations(truth.axes):
        now = layouts.apply(layout, truth.array, truth.axes).ravel()
        was = layouts.apply(layout, earlier, truth.axes).ravel()
        if close(flat, np.concatenate([was, now])):
            return _YES
    return NOTHING


def filled_along(words: Mapping[str, Message]) -> Iterator[Hypothesis]:
    """That only the last or the first place along an axis is filled; `words`: what the axes are called."""
    for axis, said in words.items():
        last = M("Only the last place along the axis of the {axis} is filled", axis=said)
        first = M("Only the first place along the axis of the {axis} is filled", axis=said)
        for id_, title, lesson, place in (
            ("only-last-filled", last, general.ONLY_LAST_FILLED, -1),
            ("only-first-filled", first, general.ONLY_FIRST_FILLED, 0),
        ):
            name = Name(id_, replace(lesson, title=title))
            yield Hypothesis(name, partial(_filled_only, place, axis))


def same_along(words: Mapping[str, Message]) -> Iterator[Hypothesis]:
    """That all places along an axis hold the same, an axis each; `words`: what the axes are called."""
    for axis, said in words.items():
        title = M("All places along the axis of the {axis} hold the same", axis=said)
        name = Name("same-along", replace(general.SAME_ALONG, title=title))
        yield Hypothesis(name, partial(_same_along, axis))


def _same_along(axis: str, sight: Sight, array: np.ndarray) -> Tokens:
    a, t = aligned(sight, array), sight.truth
    if a is None or axis not in t.axes or not np.all(np.isfinite(a)) or not np.any(a):
        return NOTHING
    place = t.axes.index(axis)
    if a.shape[place] == 1:
        return NOTHING
    first = np.broadcast_to(a.take([0], place), a.shape)
    wanted = np.broadcast_to(t.array.take([0], place), t.array.shape)
    return _YES if close(a, np.array(first)) and not close(t.array, np.array(wanted)) else NOTHING


# -- places -------------------------------------------------------------------------------------


def _partly_filled(sight: Sight, array: np.ndarray) -> Tokens:
    a, t = aligned(sight, array), sight.truth.array
    if a is None or not np.all(np.isfinite(a)):
        return NOTHING
    filled = a != 0
    if not np.any(filled) or not np.any(~filled & (t != 0)):
        return NOTHING
    return _YES if close(a[filled], t[filled]) else NOTHING


def _filled_only(place: int, axis: str, sight: Sight, array: np.ndarray) -> Tokens:
    """All along an axis is zero but one place, whatever stands there."""
    a, t = aligned(sight, array), sight.truth
    if a is None or axis not in t.axes or not np.any(a):
        return NOTHING
    along = t.axes.index(axis)
    rest, wanted = np.delete(a, place, along), np.delete(t.array, place, along)
    return _YES if a.shape[along] > 1 and not np.any(rest) and np.any(wanted) else NOTHING


def _flipped(sight: Sight, array: np.ndarray) -> Tokens:
    a, t = aligned(sight, array), sight.truth
    if a is None:
        return NOTHING
    long = [i for i, n in enumerate(t.array.shape) if n > 1]
    tokens = set()
    for count in (1, 2):
        for chosen in itertools.combinations(long, count):
            if close(a, np.flip(t.array, chosen)):
                tokens.add("".join(t.axes[i] for i in chosen))
    return frozenset(tokens)


def _shifted(sight: Sight, array: np.ndarray) -> Tokens:
    """Moved along one axis; what moved in may be anything."""
    a, t = aligned(sight, array), sight.truth
    if a is None:
        return NOTHING
    tokens = set()
    for axis, n in enumerate(t.array.shape):
        for k in range(1, min(5, n - 2)):
            ahead = [slice(None)] * a.ndim
            behind = [slice(None)] * a.ndim
            ahead[axis], behind[axis] = slice(k, None), slice(None, -k)
            if close(a[tuple(ahead)], t.array[tuple(behind)]):
                tokens.add((t.axes[axis], k))
            if close(a[tuple(behind)], t.array[tuple(ahead)]):
                tokens.add((t.axes[axis], -k))
    # By a constant, or by an amount that follows the sizes.
    return frozenset(tokens) | frozenset((axis, k > 0) for axis, k in tokens)


def _other_order(sight: Sight, array: np.ndarray) -> Tokens:
    t = sight.truth.array
    if array.size != t.size or t.size < 3 or len(np.unique(t)) < 3:
        return NOTHING
    if array.dtype.kind != "f" or not np.all(np.isfinite(array)):
        return NOTHING
    return _YES if close(np.sort(array, axis=None), np.sort(t, axis=None)) else NOTHING


def _laid(sight: Sight) -> np.ndarray:
    """The true array as the student would lay it out."""
    truth = sight.truth
    if sight.wanted is None:
        return truth.array
    return layouts.apply(sight.wanted, truth.array, truth.axes)


def _inside(large: np.ndarray, small: np.ndarray) -> bool:
    """True if the small array is a block of the large one."""
    if large.ndim != small.ndim or large.shape == small.shape or small.size < 3:
        return False
    rooms = [a - b for a, b in zip(large.shape, small.shape, strict=True)]
    if min(rooms) < 0 or prod(r + 1 for r in rooms) > 400:
        return False
    return any(
        close(large[tuple(slice(s, s + n) for s, n in zip(at, small.shape, strict=True))], small)
        for at in itertools.product(*(range(r + 1) for r in rooms))
    )


def _uncropped(sight: Sight, array: np.ndarray) -> Tokens:
    return _YES if _inside(array, _laid(sight)) else NOTHING


def _cut_off(sight: Sight, array: np.ndarray) -> Tokens:
    return _YES if _inside(_laid(sight), array) else NOTHING


# -- sums ---------------------------------------------------------------------------------------


def _wrong_axes(sight: Sight, array: np.ndarray) -> Tokens:
    """dB, summed (or averaged) over other axes than it should be."""
    if sight.facet != "dB":
        return NOTHING
    axes, dy = output_axes(sight.case.spec), sight.case.upstream
    place = tuple(i for i, a in enumerate(axes) if a not in sight.truth.axes)
    tokens: set[object] = set()
    for count in range(1, len(axes) + 1):
        for chosen in itertools.combinations(range(len(axes)), count):
            if chosen == place:
                continue
            left = tuple(a for i, a in enumerate(axes) if i not in chosen)
            for name, made in (("sum", dy.sum(chosen)), ("mean", dy.mean(chosen))):
                full = np.broadcast_to(made, array.shape) if not left else None
                if (full is not None and array.size > 1 and close(array, np.array(full))) or (
                    array.size == made.size and fits(array, Truth(np.asarray(made), left), None)
                ):
                    tokens.add((name, chosen))
    return frozenset(tokens)


def _axis_kept(sight: Sight, array: np.ndarray) -> Tokens:
    truth = sight.truth
    tokens = set()
    for axis in range(array.ndim):
        if array.shape[axis] > 1 and array.size > truth.array.size:
            for name, made in (("sum", array.sum(axis)), ("mean", array.mean(axis))):
                if fits(made, truth, None):
                    tokens.add((name, array.ndim - axis))
    return frozenset(tokens)


def _summed_too_far(sight: Sight, array: np.ndarray) -> Tokens:
    truth = sight.truth
    tokens: set[object] = set()
    if not 0 < array.size <= truth.array.size:
        return NOTHING
    large = [i for i, n in enumerate(truth.array.shape) if n > 1]
    for count in range(1, len(large) + 1):
        for chosen in itertools.combinations(large, count):
            left = tuple(a for i, a in enumerate(truth.axes) if i not in chosen)
            for name, made in (
                ("sum", truth.array.sum(chosen)),
                ("mean", truth.array.mean(chosen)),
            ):
                one = Truth(np.asarray(made), left)
                spread = np.broadcast_to(np.expand_dims(made, chosen), truth.array.shape)
                if (array.size == one.array.size and fits(array, one, None)) or fits(
                    array, Truth(np.array(spread), truth.axes), sight.wanted
                ):
                    tokens.add((name, chosen))
    return frozenset(tokens)
