"""Every value that the sprints print, and output sizes and parameter counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import (
    FC,
    Conv1d,
    Conv2d,
    MaxPool2D,
    SimpleInitializer,
    conv2d_output_size,
    conv_output_size,
    conv_parameter_count,
    fc_parameter_count,
    im2col,
)


def test_simple_conv1d() -> None:
    layer = Conv1d([[[3, 5, 7]]], [1])
    np.testing.assert_array_equal(layer.forward([[[1, 2, 3, 4]]]), [[[35, 50]]])
    np.testing.assert_array_equal(layer.backward([[[10, 20]]]), [[[30, 110, 170, 140]]])
    np.testing.assert_array_equal(layer.grads["W"], [[[50, 80, 110]]])
    np.testing.assert_array_equal(layer.grads["b"], [30])


def test_conv1d_of_several_channels() -> None:
    layer = Conv1d(np.ones((3, 2, 3)), [1, 2, 3])
    y = layer.forward([[[1, 2, 3, 4], [2, 3, 4, 5]]])
    np.testing.assert_array_equal(y, [[[16, 22], [17, 23], [18, 24]]])
    W = [[[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [2, 1, 1]], [[2, 1, 1], [1, 1, 2]]]
    layer = Conv1d(W, [3, 2, 1])
    y = layer.forward([[[2, 3, 4, 5], [1, 2, 3, 4]]])
    np.testing.assert_array_equal(y, [[[18, 24], [18, 25], [21, 29]]])
    layer.backward([[[52, 56], [32, 35], [9, 11]]])
    np.testing.assert_array_equal(
        layer.grads["W"],
        [
            [[272, 380, 488], [164, 272, 380]],
            [[169, 236, 303], [102, 169, 236]],
            [[51, 71, 91], [31, 51, 71]],
        ],
    )


def test_conv2d_small_arrays() -> None:
    W = [[[[0, 0, 0], [0, 1, 0], [0, -1, 0]]], [[[0, 0, 0], [0, -1, 1], [0, 0, 0]]]]
    layer = Conv2d(W)
    y = layer.forward(np.arange(1, 17).reshape(1, 1, 4, 4))
    np.testing.assert_array_equal(y, [[[[-4, -4], [-4, -4]], [[1, 1], [1, 1]]]])
    dx = layer.backward([[[[-4, -4], [10, 11]], [[1, -7], [1, -11]]]])
    np.testing.assert_array_equal(
        dx, [[[[0, 0, 0, 0], [0, -5, 4, -7], [0, 13, 27, -11], [0, -10, -11, 0]]]]
    )
    # What the sprint's text prints is the middle only.
    np.testing.assert_array_equal(dx[0, 0, 1:3, 1:3], [[-5, 4], [13, 27]])


def test_conv2d_of_aranges() -> None:
    layer = Conv2d(np.arange(18).reshape(2, 1, 3, 3), [1, 1])
    y = layer.forward(np.arange(64).reshape(1, 1, 8, 8))
    np.testing.assert_array_equal(y[0, :, 0, 0], [475, 1204])
    np.testing.assert_array_equal(y[0, :, 5, 5], [2095, 6469])


def test_max_pooling() -> None:
    x = np.arange(128).reshape(1, 2, 8, 8)
    layer = MaxPool2D(2)
    y = layer.forward(x)
    first = [[9, 11, 13, 15], [25, 27, 29, 31], [41, 43, 45, 47], [57, 59, 61, 63]]
    np.testing.assert_array_equal(y[0], [first, np.add(first, 64)])
    dx = layer.backward(y)
    np.testing.assert_array_equal(dx[0, 0, 1], [0, 9, 0, 11, 0, 13, 0, 15])
    np.testing.assert_array_equal(dx, np.where(np.isin(x, y), x, 0))


def test_im2col_of_an_image() -> None:
    image = np.random.default_rng(0).random((28, 28))
    cols = im2col(image, 3)
    assert cols.shape == (9, 676)
    for k in range(676):
        i, j = k // 26, k % 26
        np.testing.assert_array_equal(cols[:, k], image[i : i + 3, j : j + 3].ravel())


@pytest.mark.parametrize(
    ("size", "channels", "filters", "stride", "out", "count"),
    [
        ((144, 144), 3, 6, 1, (142, 142), 168),
        ((60, 60), 24, 48, 1, (58, 58), 10416),
        ((20, 20), 10, 20, 2, (9, 9), 1820),
    ],
)
def test_sizes_and_counts(
    size: tuple[int, int],
    channels: int,
    filters: int,
    stride: int,
    out: tuple[int, int],
    count: int,
) -> None:
    assert conv2d_output_size(size, 3, stride) == out
    assert conv_parameter_count(channels, filters, (3, 3)) == count
    rng = np.random.default_rng(0)
    layer = Conv2d.initialised(channels, filters, 3, SimpleInitializer(), rng, stride=stride)
    assert sum(p.size for p in layer.params.values()) == count
    assert layer.forward(np.ones((1, channels, *size))).shape == (1, filters, *out)


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 10), st.integers(0, 10))
def test_output_size_counts_windows(n: int, f: int, s: int, p: int) -> None:
    starts = [start for start in range(0, n + 2 * p, s) if start + f <= n + 2 * p]
    if starts:
        assert conv_output_size(n, f, s, p) == len(starts)
        assert conv2d_output_size((n, n), (f, f), (s, s), (p, p)) == (len(starts),) * 2
    else:
        with pytest.raises(ValueError, match="does not fit"):
            conv_output_size(n, f, s, p)


def test_other_counts_and_errors() -> None:
    assert conv_parameter_count(2, 3, 4) == 27
    assert conv_parameter_count(2, 3, 4, bias=False) == 24
    assert fc_parameter_count(784, 400) == 314_000
    layer = FC.initialised(7, 5, SimpleInitializer(), np.random.default_rng(0))
    assert fc_parameter_count(7, 5) == sum(p.size for p in layer.params.values())
    assert type(conv_output_size(np.int64(9), np.int8(3))) is int  # type: ignore[arg-type]
    for bad in ((0, 1), (1, 0), (1, 1, 0), (1, 1, 1, -1), (5, 2.5)):
        with pytest.raises(ValueError, match=r"must be"):
            conv_output_size(*bad)
    with pytest.raises(ValueError, match="at least 1"):
        fc_parameter_count(0, 3)
