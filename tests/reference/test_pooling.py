"""Poolings against plain loops."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference import AveragePool2D, MaxPool2D, pooling
from reference.sizes import conv2d_output_size

Array = NDArray[Any]
Pair = tuple[int, int]


def loops(
    x: Array, dy: Array, size: Pair, stride: Pair, padding: Pair, average: bool
) -> tuple[Array, Array]:
    """y and dx, window by window."""
    h, w = x.shape[2:]
    y, dx = np.zeros(dy.shape), np.zeros(x.shape)
    for m, k, i, j in np.ndindex(*dy.shape):
        places = [
            (i * stride[0] + s - padding[0], j * stride[1] + t - padding[1])
            for s, t in np.ndindex(*size)
        ]
        inside = [(a, b) for a, b in places if 0 <= a < h and 0 <= b < w]
        values = [x[m, k, a, b] for a, b in inside]
        if average:
            y[m, k, i, j] = sum(values) / len(places)
            for a, b in inside:
                dx[m, k, a, b] += dy[m, k, i, j] / len(places)
        else:
            y[m, k, i, j] = max(values)
            # index() finds the first of the maxima.
            a, b = inside[values.index(max(values))]
            dx[m, k, a, b] += dy[m, k, i, j]
    return y, dx


@st.composite
def cases(draw: st.DrawFn) -> tuple[tuple[int, ...], Pair, Pair, Pair]:
    """The shape of x, and the size, stride and padding of a window that fits."""
    along = []
    for _ in range(2):
        size = draw(st.integers(1, 4))
        padding = draw(st.integers(0, size - 1))
        n_in = draw(st.integers(max(1, size - 2 * padding), 8))
        along.append((n_in, size, draw(st.integers(1, 5)), padding))
    (h, fh, sh, ph), (w, fw, sw, pw) = along
    lead = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    return (*lead, h, w), (fh, fw), (sh, sw), (ph, pw)


@pytest.mark.parametrize("average", [False, True])
@settings(deadline=None, max_examples=100)
@given(
    case=cases(),
    decimals=st.sampled_from([0, 8]),
    bytes_a_piece=st.sampled_from([1, 300, 1 << 19]),
    seed=st.integers(0, 2**32 - 1),
)
def test_pooling_is_what_the_loops_compute(
    average: bool,
    case: tuple[tuple[int, ...], Pair, Pair, Pair],
    decimals: int,
    bytes_a_piece: int,
    seed: int,
) -> None:
    shape, size, stride, padding = case
    rng = np.random.default_rng(seed)
    # Whole numbers make ties, which the first maximum must win.
    x = rng.normal(size=shape).round(decimals)
    dy = rng.normal(size=(*shape[:2], *conv2d_output_size(shape[2:], size, stride, padding)))  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooling, "PIECE_BYTES", bytes_a_piece)
        layer = (AveragePool2D if average else MaxPool2D)(size, stride, padding)
        y, dx = layer.forward(x), layer.backward(dy)
    expected_y, expected_dx = loops(x, dy, size, stride, padding, average)
    np.testing.assert_allclose(y, expected_y, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(dx, expected_dx, rtol=1e-12, atol=1e-14)


def test_stride_is_the_size_unless_given() -> None:
    layer = MaxPool2D((2, 3))
    assert layer.stride == (2, 3)
    assert layer.forward(np.ones((1, 1, 5, 7))).shape == (1, 1, 2, 2)
    assert (layer.params, layer.grads) == ({}, {})


def test_everything_below_zero_with_padding() -> None:
    x = np.full((1, 1, 2, 2), -3.0)
    assert (MaxPool2D(3, 1, 1).forward(x) == -3).all()


@pytest.mark.parametrize("kind", [MaxPool2D, AveragePool2D])
def test_errors(kind: type[MaxPool2D] | type[AveragePool2D]) -> None:
    with pytest.raises(ValueError, match="smaller than the window"):
        kind(2, padding=2)
    with pytest.raises(ValueError, match="size must be at least 1"):
        kind(0)
    with pytest.raises(ValueError, match="does not fit"):
        kind(3).forward(np.ones((1, 1, 2, 9)))
    with pytest.raises(ValueError, match="x must have shape"):
        kind(3).forward(np.ones((1, 9, 9)))
