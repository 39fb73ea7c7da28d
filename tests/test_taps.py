"""Convolutions tap by tap: the references beside loops over every element, and central differences."""

import numpy as np
import pytest

import reference

RNG = np.random.default_rng(6)
X, B = RNG.normal(size=(2, 3, 7, 8)), RNG.normal(size=4)


def dilated(x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, d: int) -> np.ndarray:
    """An output at a time."""
    n, _, h, w = x.shape
    o, c, fh, fw = W.shape
    oh, ow = ((s - d * (f - 1) - 1) // stride + 1 for s, f in ((h, fh), (w, fw)))
    y = np.zeros((n, o, oh, ow))
    for a, m, i, j in np.ndindex(y.shape):
        total = b[m]
        for k, s, t in np.ndindex(c, fh, fw):
            row, column = i * stride + s * d, j * stride + t * d
            if 0 <= row < h and 0 <= column < w:
                total += x[a, k, row, column] * W[m, k, s, t]
        y[a, m, i, j] = total
    return y


def depthwise(x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, d: int) -> np.ndarray:
    """A plain convolution whose filters are zero in all channels but their own."""
    apart = np.zeros((len(W), *W.shape))
    apart[range(len(W)), range(len(W))] = W
    return dilated(x, apart, b, stride, d)


def transposed(x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, d: int) -> np.ndarray:
    """An input at a time."""
    n, c, h, w = x.shape
    _, o, fh, fw = W.shape
    oh, ow = ((s - 1) * stride + d * (f - 1) + 1 for s, f in ((h, fh), (w, fw)))
    y = np.tile(b[:, None, None], (n, 1, oh, ow)).astype(float)
    for a, k, i, j, m, s, t in np.ndindex(n, c, h, w, o, fh, fw):
        row, column = i * stride + s * d, j * stride + t * d
        if 0 <= row < oh and 0 <= column < ow:
            y[a, m, row, column] += x[a, k, i, j] * W[k, m, s, t]
    return y


LAYERS = {
    "dilated": (reference.DilatedConv2d, dilated, (4, 3, 2, 3), 4),
    "depthwise": (reference.DepthwiseConv2d, depthwise, (3, 2, 3), 3),
    "transposed": (reference.TransposedConv2d, transposed, (3, 4, 2, 3), 4),
}


@pytest.mark.parametrize("settings", [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
@pytest.mark.parametrize("name", LAYERS)
def test_the_reference_is_what_loops_give_and_so_are_its_gradients(
    name: str, settings: tuple[int, int]
) -> None:
    layer, loops, shape, outputs = LAYERS[name]
    given = {"W": np.random.default_rng(1).normal(size=shape), "b": B[:outputs]}
    y = loops(X, given["W"], given["b"], *settings)
    one = layer(given["W"], given["b"], *settings)
    assert np.allclose(one.forward(X), y, rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(2).normal(size=y.shape)
    found = {"x": one.backward(dy), **one.grads}
    rng = np.random.default_rng(3)
    for key, array in {**given, "x": X}.items():
        way = rng.normal(size=array.shape)
        ends = []
        for step in (1e-3, -1e-3):  # it is linear in each of them: no error but that of rounding
            moved = {**given, "x": X, key: array + step * way}
            other = layer(moved["W"], moved["b"], *settings)
            ends.append(np.sum(other.forward(moved["x"]) * dy))
        assert np.isclose(np.sum(found[key] * way), (ends[0] - ends[1]) / 2e-3, rtol=1e-9), key
