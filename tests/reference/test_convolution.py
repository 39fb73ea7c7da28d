"""Conv1d, Conv2d and im2col against plain loops."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference import (
    Conv1d,
    Conv2d,
    HeInitializer,
    col2im,
    conv1d,
    conv2d,
    convolution,
    im2col,
    products,
)
from reference.planes import Planes
from reference.sizes import conv_output_size

Array = NDArray[Any]


def error(actual: Array, expected: Array) -> float:
    """The distance relative to the size of what is expected."""
    assert actual.shape == expected.shape
    return float(np.linalg.norm(actual - expected) / (np.linalg.norm(expected) + 1e-300))


def loops_2d(
    x: Array, W: Array, b: Array, dy: Array, stride: tuple[int, int], padding: tuple[int, int]
) -> tuple[Array, Array, Array, Array]:
    """y, dx, dW and db, each term by itself."""
    (n, c, h, w), (c_out, _, fh, fw) = x.shape, W.shape
    (sh, sw), (ph, pw) = stride, padding
    oh, ow = (h + 2 * ph - fh) // sh + 1, (w + 2 * pw - fw) // sw + 1
    y, dx, dW, db = np.zeros((n, c_out, oh, ow)), np.zeros_like(x), np.zeros_like(W), 0 * b
    for m, o, i, j in np.ndindex(n, c_out, oh, ow):
        y[m, o, i, j] = b[o]
        db[o] += dy[m, o, i, j]
        for k, s, t in np.ndindex(c, fh, fw):
            row, column = i * sh + s - ph, j * sw + t - pw
            if 0 <= row < h and 0 <= column < w:
                y[m, o, i, j] += x[m, k, row, column] * W[o, k, s, t]
                dx[m, k, row, column] += dy[m, o, i, j] * W[o, k, s, t]
                dW[o, k, s, t] += dy[m, o, i, j] * x[m, k, row, column]
    return y, dx, dW, db


def axes(longest: int) -> st.SearchStrategy[tuple[int, int, int, int]]:
    """(n_in, filter size, stride, padding) of a window that fits."""
    return st.tuples(
        st.integers(1, longest), st.integers(1, 4), st.integers(1, 4), st.integers(0, 5)
    ).filter(lambda a: a[0] + 2 * a[3] >= a[1])


def share(patch: pytest.MonkeyPatch, threads: int) -> None:
    """Let so many threads share even the least work."""
    patch.setattr(convolution, "SHARE_LEAST", 1)
    patch.setattr(convolution, "available", lambda: threads)


@settings(deadline=None, max_examples=80)
@given(
    n=st.integers(1, 4),
    c=st.integers(1, 3),
    c_out=st.integers(1, 3),
    rows=axes(6),
    columns=axes(6),
    columns_a_piece=st.sampled_from([1, 4, 256]),
    threads=st.sampled_from([1, 2, 3]),
    seed=st.integers(0, 2**32 - 1),
)
def test_conv2d_is_what_the_loops_compute(
    n: int,
    c: int,
    c_out: int,
    rows: tuple[int, int, int, int],
    columns: tuple[int, int, int, int],
    columns_a_piece: int,
    threads: int,
    seed: int,
) -> None:
    (h, fh, sh, ph), (w, fw, sw, pw) = rows, columns
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(n, c, h, w)), rng.normal(size=(c_out, c, fh, fw))
    b = rng.normal(size=c_out)
    out = conv_output_size(h, fh, sh, ph), conv_output_size(w, fw, sw, pw)
    dy = rng.normal(size=(n, c_out, *out))
    with pytest.MonkeyPatch.context() as patch:
        share(patch, threads)
        patch.setattr(conv2d, "PIECE_COLUMNS", columns_a_piece)
        layer = Conv2d(W, b, (sh, sw), (ph, pw))
        found = layer.forward(x), layer.backward(dy), layer.grads["W"], layer.grads["b"]
    for actual, expected in zip(found, loops_2d(x, W, b, dy, (sh, sw), (ph, pw)), strict=True):
        assert error(actual, expected) < 1e-9


@settings(deadline=None, max_examples=80)
@given(
    n=st.integers(1, 4),
    c=st.integers(1, 2),
    rows=axes(6),
    columns=axes(6),
    values=st.sampled_from([1, 100, 1 << 16]),
    threads=st.sampled_from([1, 2, 3]),
    seed=st.integers(0, 2**32 - 1),
)
def test_filters_that_are_small_beside_their_number(
    n: int,
    c: int,
    rows: tuple[int, int, int, int],
    columns: tuple[int, int, int, int],
    values: int,
    threads: int,
    seed: int,
) -> None:
    """What a network's first layer gets, with the gradient in x and without it."""
    (h, fh, sh, ph), (w, fw, sw, pw) = rows, columns
    rng = np.random.default_rng(seed)
    c_out = -(-c * fh * fw // 2)
    x, W, b = (rng.normal(size=shape) for shape in ((n, c, h, w), (c_out, c, fh, fw), (c_out,)))
    out = conv_output_size(h, fh, sh, ph), conv_output_size(w, fw, sw, pw)
    dy = rng.normal(size=(n, c_out, *out))
    expected = loops_2d(x, W, b, dy, (sh, sw), (ph, pw))
    with pytest.MonkeyPatch.context() as patch:
        share(patch, threads)
        patch.setattr(conv2d, "COLUMN_VALUES", values)
        layer = Conv2d(W, b, (sh, sw), (ph, pw))
        y = layer.forward(x)
        layer.backward_params(dy)
        found = y, layer.grads["W"], layer.grads["b"], layer.backward(dy), layer.grads["W"]
        bare = Conv2d(W, None, (sh, sw), (ph, pw)).forward(x)
    for actual, i in zip(found, (0, 2, 3, 1, 2), strict=True):
        assert error(actual, expected[i]) < 1e-9
    assert error(bare, y - b[:, None, None]) < 1e-9
    assert {type(space) for space in layer._spaces.values()} == {conv2d._Columns}


@settings(deadline=None, max_examples=80)
@given(
    n=st.integers(1, 5),
    c=st.integers(1, 3),
    c_out=st.integers(1, 4),
    along=axes(12),
    bytes_a_piece=st.sampled_from([1, 500, 1 << 20]),
    threads=st.sampled_from([1, 2, 3]),
    seed=st.integers(0, 2**32 - 1),
)
def test_conv1d_is_what_the_loops_compute(
    n: int,
    c: int,
    c_out: int,
    along: tuple[int, int, int, int],
    bytes_a_piece: int,
    threads: int,
    seed: int,
) -> None:
    length, f, s, p = along
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(n, c, length)), rng.normal(size=(c_out, c, f))
    b = rng.normal(size=c_out)
    dy = rng.normal(size=(n, c_out, conv_output_size(length, f, s, p)))
    with pytest.MonkeyPatch.context() as patch:
        share(patch, threads)
        patch.setattr(conv1d, "PIECE_BYTES", bytes_a_piece)
        layer = Conv1d(W, b, s, p)
        found = layer.forward(x), layer.backward(dy), layer.grads["W"], layer.grads["b"]
    expected = loops_2d(x[:, :, None], W[:, :, None], b, dy[:, :, None], (1, s), (0, p))
    for actual, wanted in zip(found, expected, strict=True):
        assert error(actual, wanted.reshape(actual.shape)) < 1e-9


@settings(deadline=None, max_examples=80)
@given(
    n=st.integers(1, 3),
    c=st.integers(1, 3),
    c_out=st.integers(1, 3),
    rows=axes(6),
    columns=axes(9),
    small=st.sampled_from([300, products.SMALL]),
    threads=st.sampled_from([1, 2, 3]),
    seed=st.integers(0, 2**32 - 1),
)
def test_samples_worked_on_alone(
    n: int,
    c: int,
    c_out: int,
    rows: tuple[int, int, int, int],
    columns: tuple[int, int, int, int],
    small: int,
    threads: int,
    seed: int,
) -> None:
    """What large samples get, in one block of columns and in several."""
    (h, fh, _, ph), (w, fw, _, pw) = rows, columns
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(n, c, h, w)), rng.normal(size=(c_out, c, fh, fw))
    b, dy = (
        rng.normal(size=c_out),
        rng.normal(size=(n, c_out, h + 2 * ph - fh + 1, w + 2 * pw - fw + 1)),
    )
    with pytest.MonkeyPatch.context() as patch:
        share(patch, threads)
        patch.setattr(conv2d, "ALONE_LEAST", 0)
        patch.setattr(conv2d, "ALONE_WASTE", np.inf)
        patch.setattr(products, "SMALL", small)
        patch.setattr(products, "LEAST", 1)
        layer = Conv2d(W, b, 1, (ph, pw))
        found = layer.forward(x), layer.backward(dy), layer.grads["W"], layer.grads["b"]
        assert isinstance(layer._space(0, layer._piece), Planes)
    for actual, expected in zip(found, loops_2d(x, W, b, dy, (1, 1), (ph, pw)), strict=True):
        assert error(actual, expected) < 1e-9


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_samples_give_what_pieces_give(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x, W = (
        rng.normal(size=(3, 16, 28, 30)).astype(dtype),
        rng.normal(size=(24, 16, 3, 5)).astype(dtype),
    )
    b, dy = rng.normal(size=24).astype(dtype), rng.normal(size=(3, 24, 28, 30)).astype(dtype)
    results = []
    for least in (conv2d.ALONE_LEAST, np.inf):
        monkeypatch.setattr(conv2d, "ALONE_LEAST", least)
        layer = Conv2d(W, b, 1, (1, 2))
        results.append((layer.forward(x), layer.backward(dy), layer.grads["W"], layer.grads["b"]))
        assert isinstance(layer._space(0, layer._piece), Planes) == (least < np.inf)
    for alone, pieces in zip(*results, strict=True):
        assert alone.dtype == pieces.dtype == dtype
        assert error(alone, pieces) < (1e-12 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_share_large_inputs_only(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x, W = (
        rng.normal(size=(100, 8, 20, 20)).astype(dtype),
        rng.normal(size=(16, 8, 3, 3)).astype(dtype),
    )
    results = []
    for threads in (1, 2, 9):
        monkeypatch.setattr(convolution, "available", lambda n=threads: n)
        layer = Conv2d(W, np.zeros(16, dtype))
        y = layer.forward(x)
        results.append((y, layer.backward(y), layer.grads["W"], layer.grads["b"]))
        # 37 million multiplications are enough for two.
        assert layer._shares == min(threads, 2)
        layer.forward(x[:20])
        assert layer._shares == 1
    for shared in results[1:]:
        for actual, expected in zip(shared, results[0], strict=True):
            assert actual.dtype == expected.dtype == dtype
            assert error(actual, expected) < (1e-12 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("kind", [Conv1d, Conv2d])
def test_no_bias_and_no_dx(kind: type[Conv1d] | type[Conv2d]) -> None:
    rng = np.random.default_rng(0)
    sizes = (5,) if kind is Conv1d else (5, 6)
    x, W = rng.normal(size=(3, 2, *sizes)), rng.normal(size=(4, 2, *(3 for _ in sizes)))
    plain, zero = kind(W), kind(W, np.zeros(4))
    assert list(plain.params) == ["W"]
    y = plain.forward(x)
    np.testing.assert_array_equal(y, zero.forward(x))
    plain.backward_params(y)
    zero.backward(y)
    assert list(plain.grads) == ["W"]
    np.testing.assert_array_equal(plain.grads["W"], zero.grads["W"])


@pytest.mark.parametrize("kind", [Conv1d, Conv2d])
def test_other_shapes_in_turn(kind: type[Conv1d] | type[Conv2d]) -> None:
    """Buffers of one batch must leave no trace in the next, NaN included."""
    rng = np.random.default_rng(0)
    ndim = 1 if kind is Conv1d else 2
    W = rng.normal(size=(2, 1, *(3,) * ndim))
    used = kind(W, None, 1, 2)
    used.forward(np.full((7, 1, *(6,) * ndim), np.nan))
    for n, size in ((7, 6), (2, 6), (2, 9), (7, 6)):
        x = rng.normal(size=(n, 1, *(size,) * ndim))
        fresh = kind(W, None, 1, 2)
        y = used.forward(x)
        np.testing.assert_array_equal(y, fresh.forward(x))
        np.testing.assert_array_equal(used.backward(y), fresh.backward(y))
        np.testing.assert_array_equal(used.grads["W"], fresh.grads["W"])


def test_initialised() -> None:
    rng = np.random.default_rng(0)
    one = Conv1d.initialised(3, 50, 40, HeInitializer(), rng, stride=2, padding=1)
    two = Conv2d.initialised(3, 50, (8, 5), HeInitializer("float32"), rng, bias=False)
    assert one.params["W"].shape == (50, 3, 40)
    assert (one.stride, one.padding) == (2, 1)
    assert one.params["b"].tolist() == [0.0] * 50
    assert two.params["W"].shape == (50, 3, 8, 5)
    assert two.params["W"].dtype == np.float32
    assert list(two.params) == ["W"]
    for layer in (one, two):
        # The fan-in is 120 in both; 6,000 numbers give the spread to 1 %.
        assert abs(layer.params["W"].std() / np.sqrt(2 / 120) - 1) < 0.06


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Conv1d(np.ones((2, 3))), "W must have shape"),
        (lambda: Conv2d(np.ones((2, 3, 4))), "W must have shape"),
        (lambda: Conv2d(np.ones((2, 3, 0, 4))), "W must have shape"),
        (lambda: Conv1d(np.ones((2, 3, 4)), np.ones(3)), "b must have shape"),
        (lambda: Conv1d(np.ones((2, 3, 4)), stride=0), "stride must be at least 1"),
        (lambda: Conv2d(np.ones((2, 3, 4, 4)), stride=(1, 2, 3)), "stride must be"),  # type: ignore[arg-type]
        (lambda: Conv2d(np.ones((2, 3, 4, 4)), padding=1.5), "padding must be"),  # type: ignore[arg-type]
        (lambda: Conv1d(np.ones((2, 3, 4))).forward(np.ones((3, 8))), "x must have shape"),
        (lambda: Conv1d(np.ones((2, 3, 4))).forward(np.ones((1, 2, 8))), "x must have shape"),
        (lambda: Conv1d(np.ones((2, 3, 4))).forward(np.ones((1, 3, 3))), "does not fit"),
        (lambda: Conv1d(np.ones((2, 3, 4)) * 1j), "real numbers"),
        (lambda: im2col(np.ones(9), 3), "an image has shape"),
        (lambda: im2col(np.ones((2, 9)), 3), "does not fit"),
        (lambda: col2im(np.ones((9, 5)), (4, 4), 3), "cols must have shape"),
    ],
)
def test_errors(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


@settings(deadline=None, max_examples=60)
@given(
    lead=st.lists(st.integers(1, 3), max_size=2).map(tuple),
    rows=axes(6),
    columns=axes(6),
    seed=st.integers(0, 2**32 - 1),
)
def test_im2col_and_back(
    lead: tuple[int, ...],
    rows: tuple[int, int, int, int],
    columns: tuple[int, int, int, int],
    seed: int,
) -> None:
    (h, fh, sh, ph), (w, fw, sw, pw) = rows, columns
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(*lead, h, w))
    cols = im2col(x, (fh, fw), (sh, sw), (ph, pw))
    n, c = (1, 1, *lead)[-2:]
    padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw))
    padded[:, :, ph : ph + h, pw : pw + w] = x.reshape(n, c, h, w)
    oh, ow = conv_output_size(h, fh, sh, ph), conv_output_size(w, fw, sw, pw)
    assert cols.shape == ((n,) if len(lead) == 2 else ()) + (c * fh * fw, oh * ow)
    batch = cols.reshape(n, c * fh * fw, oh * ow)
    for m, k in np.ndindex(n, oh * ow):
        i, j = k // ow * sh, k % ow * sw
        window = padded[m, :, i : i + fh, j : j + fw]
        np.testing.assert_array_equal(batch[m, :, k], window.ravel())
    # col2im is the adjoint: <im2col(x), d> = <x, col2im(d)> for every d.
    d = rng.normal(size=cols.shape)
    back = col2im(d, x.shape, (fh, fw), (sh, sw), (ph, pw))
    assert back.shape == x.shape
    assert np.isclose(np.vdot(cols, d), np.vdot(x, back), rtol=1e-9, atol=1e-9)
    # Divided by the number of windows that hold a pixel it is the inverse.
    counts = col2im(
        im2col(np.ones_like(x), (fh, fw), (sh, sw), (ph, pw)), x.shape, (fh, fw), (sh, sw), (ph, pw)
    )
    again = col2im(cols, x.shape, (fh, fw), (sh, sw), (ph, pw))
    np.testing.assert_allclose(again, x * counts, rtol=1e-12, atol=1e-12)
