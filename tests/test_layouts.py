"""Layouts: laying out and back is exact, and what matches is the true array and nothing else."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graders.arrays import layouts, matching
from graders.arrays.layouts import Layout
from graders.arrays.matching import Truth
from graders.rounding import relative_error
from graders.sandbox.session import Found

MODERATE = settings(max_examples=150, deadline=None)
AXES = ("N", "C", "L")
DIFFERENT = st.lists(st.integers(2, 7), min_size=3, max_size=3, unique=True)


@st.composite
def grouped(draw: st.DrawFn, axes: Sequence[str] = AXES) -> Layout:
    """Any layout of the axes: an order, merged in places, with axes of one in places."""
    order = draw(st.permutations(axes))
    groups = [order[0]]
    for axis in order[1:]:
        if draw(st.booleans()):
            groups[-1] += axis
        else:
            groups.append(axis)
    for place in draw(st.lists(st.integers(0, 4), max_size=2)):
        groups.insert(place, "")
    return tuple(groups)


def numbered(sizes: Sequence[int]) -> np.ndarray:
    """An array of which every element differs."""
    return np.arange(1.0, math.prod(sizes) + 1).reshape(sizes) ** 2


def truth(sizes: Sequence[int]) -> Truth:
    """The numbered array with its axes."""
    return Truth(numbered(sizes), AXES[: len(sizes)])


@MODERATE
@given(grouped(), st.lists(st.integers(1, 5), min_size=3, max_size=3))
def test_laying_out_and_back_gives_the_same_array(layout: Layout, sizes: list[int]) -> None:
    array = numbered(sizes)
    laid = layouts.apply(layout, array, AXES)
    named = dict(zip(AXES, sizes, strict=True))
    assert laid.shape == layouts.shape_of(layout, named)
    np.testing.assert_array_equal(layouts.canonical(layout, laid, AXES, named), array)


@MODERATE
@given(grouped(), DIFFERENT)
def test_an_element_stands_where_the_layout_says(layout: Layout, sizes: list[int]) -> None:
    array = numbered(sizes)
    laid = layouts.apply(layout, array, AXES)
    for index in np.ndindex(*sizes):
        at = dict(zip(AXES, index, strict=True))
        place = []
        for group in layout:
            within = 0
            for axis in group:
                within = within * sizes[AXES.index(axis)] + at[axis]
            place.append(within)
        assert laid[tuple(place)] == array[index]


@MODERATE
@given(grouped(), DIFFERENT)
def test_the_layout_of_an_array_is_among_the_possible_ones(
    layout: Layout, sizes: list[int]
) -> None:
    array = numbered(sizes)
    laid = layouts.apply(layout, array, AXES)
    found = layouts.possible(laid.shape, AXES, dict(zip(AXES, sizes, strict=True)))
    assert any(np.array_equal(layouts.apply(one, array, AXES), laid) for one in found)


@MODERATE
@given(
    st.lists(st.integers(1, 12), max_size=4), st.lists(st.integers(1, 5), min_size=3, max_size=3)
)
def test_possible_layouts_have_the_shape_and_differ(shape: list[int], sizes: list[int]) -> None:
    named = dict(zip(AXES, sizes, strict=True))
    found = layouts.possible(shape, AXES, named)
    assert all(layouts.shape_of(one, named) == tuple(shape) for one in found)
    assert len(set(found)) == len(found)
    laid = {layouts.apply(one, numbered(sizes), AXES).tobytes() for one in found}
    distinct = {
        np.ascontiguousarray(numbered(sizes).transpose(order)).reshape(shape).tobytes()
        for order in itertools.permutations(range(3))
        if math.prod(shape) == math.prod(sizes) and _joins([sizes[i] for i in order], shape)
    }
    assert laid == distinct


def _joins(old: Sequence[int], new: Sequence[int]) -> bool:
    """True if `new` joins neighbours of `old`, axes of one aside."""
    if not new:
        return all(n == 1 for n in old)
    return any(
        math.prod(old[:cut]) == new[0] and _joins(old[cut:], new[1:]) for cut in range(len(old) + 1)
    )


def test_the_order_that_is_kept_comes_first() -> None:
    found = layouts.possible((2, 12), AXES, {"N": 2, "C": 3, "L": 4})
    assert found[0] == ("N", "CL")
    assert set(found) == {("N", "CL"), ("N", "LC")}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3,), ("C",)), ((1, 3), ("N", "C")), ((3, 1), ("C", "N")), ((4,), None), ((), None)],
)
def test_axes_of_one_are_named_where_there_is_an_axis_for_each(
    shape: tuple[int, ...], expected: Layout | None
) -> None:
    found = layouts.possible(shape, ("N", "C"), {"N": 1, "C": 3})
    assert found == (() if expected is None else (expected,))


def test_a_layout_may_not_leave_out_an_axis_larger_than_one() -> None:
    assert layouts.apply(layouts.parse("L"), np.ones((1, 1, 4)), AXES).shape == (4,)
    with pytest.raises(ValueError, match="leaves out"):
        layouts.apply(layouts.parse("L"), np.ones((1, 2, 4)), AXES)


def test_the_order_of_a_layout_does_not_count_axes_of_one() -> None:
    assert layouts.order_of(("LC", "N"), {"N": 1, "C": 3, "L": 4}) == "LC"


# -- matching ------------------------------------------------------------------------------------


@MODERATE
@given(grouped(), DIFFERENT, st.sampled_from([1.0, 0.25, -2.0]))
def test_the_true_array_is_found_in_any_layout(
    layout: Layout, sizes: list[int], factor: float
) -> None:
    wanted = truth(sizes)
    laid = layouts.apply(layout, wanted.array, AXES) * factor
    hit = matching.match(laid, wanted, 1e-9, (1.0, 0.25, -2.0))
    assert hit is not None
    assert hit[1] == factor
    np.testing.assert_array_equal(layouts.apply(hit[0], wanted.array, AXES) * factor, laid)


@MODERATE
@given(grouped(), DIFFERENT, st.data())
def test_one_wrong_element_is_no_match(
    layout: Layout, sizes: list[int], data: st.DataObject
) -> None:
    wanted = truth(sizes)
    laid = layouts.apply(layout, wanted.array, AXES).copy()
    place = data.draw(st.integers(0, laid.size - 1))
    laid.flat[place] += data.draw(st.sampled_from([0.01, 1.0, np.nan, np.inf])) * laid.max()
    assert matching.match(laid, wanted, 1e-9) is None


@MODERATE
@given(DIFFERENT, st.sampled_from([0.5, 2.0, -1.0, 1.001]))
def test_another_factor_is_no_match(sizes: list[int], factor: float) -> None:
    wanted = truth(sizes)
    assert matching.match(wanted.array * factor, wanted, 1e-9) is None


@MODERATE
@given(DIFFERENT, st.permutations(range(3)))
def test_scrambled_channels_are_no_match(sizes: list[int], order: list[int]) -> None:
    wanted = truth(sizes)
    scrambled = np.ascontiguousarray(wanted.array.transpose(order)).reshape(sizes)
    assume(not np.array_equal(scrambled, wanted.array))
    assert matching.match(scrambled, wanted, 1e-9) is None


@pytest.mark.parametrize(
    ("dtype", "error", "right"),
    [(np.float64, 1e-8, True), (np.float64, 1e-5, False), (np.float32, 5e-7, True),
     (np.float32, 1e-5, False), (np.float16, 1e-3, True), (np.float16, 6e-3, False)],
)  # fmt: skip
def test_the_tolerance_is_that_of_the_precision(dtype: type, error: float, right: bool) -> None:
    wanted = Truth(np.array([[1.0, 2.0, 3.0]]), ("N", "C"))
    array: np.ndarray = (wanted.array + error * 3).astype(dtype)
    assert (matching.match(array, wanted, 1e-9) is not None) is right


@pytest.mark.parametrize("dtype", [np.complex128, object, "U3"])
def test_other_kinds_of_array_match_nothing(dtype: type) -> None:
    wanted = Truth(np.array([[1.0, 2.0]]), ("N", "C"))
    assert matching.match(np.array([[1, 2]]).astype(dtype), wanted, 1e-9) is None


def test_integers_match_only_where_the_truth_is_whole() -> None:
    whole = Truth(np.array([[1.0, 2.0]]), ("N", "C"))
    cut = Truth(np.array([[1.4, 2.3]]), ("N", "C"))
    assert matching.match(np.array([[1, 2]]), whole, 1e-9) is not None
    assert matching.match(np.array([[1, 2]]), cut, 1e-9) is None


def test_the_first_entry_that_is_right_is_found() -> None:
    wanted = truth([2, 3, 4])
    entries = [
        Found(("self", "x"), np.zeros((2, 3, 4)), "array"),
        Found(("self", "dX"), wanted.array.transpose(0, 2, 1), "array"),
        Found(("ret",), wanted.array, "array"),
    ]
    hit = matching.find(entries, wanted, 1e-9)
    assert hit is not None
    assert hit.path == ("self", "dX")
    assert hit.layout == ("N", "L", "C")
    assert matching.find(entries[:1], wanted, 1e-9) is None


@pytest.mark.parametrize(
    ("actual", "expected", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0), ([1.0, 3.0], [1.0, 2.0], 0.5), ([1.0], [1.0, 2.0], np.inf),
        ([np.nan, 2.0], [1.0, 2.0], np.inf), ([np.inf, 2.0], [np.inf, 2.0], np.inf),
        ([], [], 0.0), ([0.0], [0.0], 0.0),
    ],
)  # fmt: skip
def test_the_relative_error_is_that_of_the_largest_magnitude(
    actual: list[float], expected: list[float], error: float
) -> None:
    assert relative_error(np.array(actual), np.array(expected)) == error


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("ret",), "backward(...)"), (("ret", 1), "backward(...)[1]"), (("y", 0), "forward(...)[0]"),
        (("self", "dW"), ".dW"), (("self", "grad", "W"), ".grad['W']"), ((), ""),
        (("self", "history", 2), ".history[2]"),
    ],
)  # fmt: skip
def test_the_way_to_an_array_reads_as_a_student_would_write_it(
    path: tuple[str | int, ...], text: str
) -> None:
    assert matching.describe(path) == text
