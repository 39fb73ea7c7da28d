"""A small network without classes: one convolution by im2col, tanh, one dense layer, softmax.

An image x (H, W), kernels k (K, FH, FW) and dense weights w (L, K, OH, OW), where OH = H - FH + 1
and OW = W - FW + 1; there are no biases:

    h = tanh(k * x)    (K, OH, OW)
    z = w . h          (L,)
    p = softmax(z)

Trained one image at a time with the cross-entropy, whose gradient is p - t at z. float32 gives
float32, anything else float64.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from .activations import tanh_derivative
from .layer import Array, as_float
from .optimizers import SGD
from .softmax import softmax


def columns(image: ArrayLike, filter_height: int, filter_width: int) -> Array:
    """The windows of an image (H, W), apart by axis: (FH, FW, OH, OW).

    Reshaped to (FH*FW, OH*OW) it is the im2col of one image without stride and padding; see
    `reference.im2col` for the general one. Raises ValueError for a window that does not fit.
    """
    windows = sliding_window_view(as_float(image), (filter_height, filter_width))
    return windows.transpose(2, 3, 0, 1)


def tanh_derivative_of_output(y: ArrayLike) -> Array:
    """The derivative 1 - y^2 of tanh where its output y = tanh(x) is given, of y's shape."""
    data = as_float(y)
    return 1 - data * data


def scores(image: ArrayLike, kernels: ArrayLike, weights: ArrayLike) -> Array:
    """z (L,): the scores of the classes before softmax."""
    _, _, hidden = _hidden(as_float(image), as_float(kernels))
    return _flat(as_float(weights)) @ hidden.reshape(-1)


def class_probabilities(image: ArrayLike, kernels: ArrayLike, weights: ArrayLike) -> Array:
    """p (L,): the probabilities of the classes."""
    return softmax(scores(image, kernels, weights))


def predicted_class(image: ArrayLike, kernels: ArrayLike, weights: ArrayLike) -> Array:
    """The class with the largest score, as an array without axes."""
    return np.asarray(np.argmax(scores(image, kernels, weights)))


def gradients(
    image: ArrayLike, target: ArrayLike, kernels: ArrayLike, weights: ArrayLike
) -> tuple[Array, Array]:
    """(dk, dw): gradients of the cross-entropy with the one-hot ``target`` (L,).

    With d = p - t (L,): dw = d h^T, and dk = (tanh'(k * x) . w^T d) col^T, where col are the
    image's columns. Both are taken at the same weights, those before the step.
    """
    w = as_float(weights)
    cols, before, hidden = _hidden(as_float(image), as_float(kernels))
    error = softmax(_flat(w) @ hidden.reshape(-1)) - as_float(target)
    dw = error[:, None] * hidden.reshape(1, -1)
    back = (_flat(w).T @ error).reshape(before.shape) * tanh_derivative(before)
    return (back @ cols.T).reshape(np.shape(kernels)), dw.reshape(w.shape)


def train_one_by_one(
    images: ArrayLike, targets: ArrayLike, kernels: ArrayLike, weights: ArrayLike,
    lr: float, epochs: int = 1,
) -> tuple[Array, Array]:  # fmt: skip
    """(kernels, weights) after a step for each of the images (N, H, W), ``epochs`` times over."""
    k, w = as_float(kernels).copy(), as_float(weights).copy()
    for _ in range(epochs):
        for image, target in zip(as_float(images), as_float(targets), strict=True):
            dk, dw = gradients(image, target, k, w)
            k -= lr * dk
            w -= lr * dw
    return k, w


def train_in_batch(
    images: ArrayLike, targets: ArrayLike, kernels: ArrayLike, weights: ArrayLike,
    lr: float, epochs: int = 1, mean: bool = False,
) -> tuple[Array, Array]:  # fmt: skip
    """The same with one step an epoch, along the sum (or mean) of all images' gradients."""
    k, w = as_float(kernels).copy(), as_float(weights).copy()
    batch = list(zip(as_float(images), as_float(targets), strict=True))
    rate = lr / len(batch) if mean else lr
    for _ in range(epochs):
        each = [gradients(image, target, k, w) for image, target in batch]
        k -= rate * np.sum([dk for dk, _ in each], axis=0)
        w -= rate * np.sum([dw for _, dw in each], axis=0)
    return k, w


def train_in_mean_batch(
    images: ArrayLike, targets: ArrayLike, kernels: ArrayLike, weights: ArrayLike,
    lr: float, epochs: int = 1,
) -> tuple[Array, Array]:  # fmt: skip
    """``train_in_batch`` with the mean of the gradients."""
    return train_in_batch(images, targets, kernels, weights, lr, epochs, mean=True)


class ProceduralNetwork:
    """The network with its arrays, trained image by image as ``reference.Network`` is in batches.

    16 kernels of 3x3 and 10 classes; images are (N, 28, 28). ``kernels`` start uniform within
    0.1 and ``weights`` (10, 16, 26, 26) within 0.01 of zero.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.kernels: Array = rng.uniform(-0.1, 0.1, (16, 3, 3))
        self.weights: Array = rng.uniform(-0.01, 0.01, (10, 16, 26, 26))

    def fit(
        self, x: ArrayLike, y: ArrayLike, *, optimizer: SGD, epochs: int, batch_size: int = 1,
        seed: int = 0,
    ) -> None:  # fmt: skip
        """Go through the images x with class numbers y (N,), in one random order; one step each.

        ``batch_size`` must be 1; ValueError for another.
        """
        if batch_size != 1:
            raise ValueError(f"batch_size must be 1, got {batch_size}")
        order = np.random.default_rng(seed).permutation(len(np.asarray(y)))
        images, targets = as_float(x)[order], np.eye(10)[np.asarray(y)[order]]
        self.kernels, self.weights = train_one_by_one(
            images, targets, self.kernels, self.weights, optimizer.lr, epochs
        )

    def predict(self, x: ArrayLike) -> Array:
        """The class of each image of x (N, 28, 28), as (N,)."""
        return np.array(
            [predicted_class(image, self.kernels, self.weights) for image in as_float(x)]
        )


def _hidden(image: Array, kernels: Array) -> tuple[Array, Array, Array]:
    """The image's columns (FH*FW, OH*OW), the convolution (K, OH*OW) and its tanh."""
    _, height, width = kernels.shape
    cols = columns(image, height, width).reshape(height * width, -1)
    before = kernels.reshape(len(kernels), -1) @ cols
    return cols, before, np.tanh(before)


def _flat(weights: Array) -> Array:
    return weights.reshape(len(weights), -1)
