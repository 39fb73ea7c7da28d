"""The network without classes against plain loops and central differences."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import SGD, procedural

Network = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """(image, one-hot target, kernels, weights) of random sizes."""
    h, w, fh, fw = (draw(st.integers(a, b)) for a, b in ((3, 6), (3, 6), (1, 3), (1, 3)))
    k, classes = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    target = np.eye(classes)[rng.integers(classes)]
    weights = rng.normal(size=(classes, k, h - fh + 1, w - fw + 1))
    return rng.normal(size=(h, w)), target, rng.normal(size=(k, fh, fw)), weights


def loss(image: np.ndarray, target: np.ndarray, kernels: np.ndarray, weights: np.ndarray) -> float:
    """The cross-entropy, term by term."""
    z = [0.0] * len(weights)
    for (c, k, i, j), w in np.ndenumerate(weights):
        s = sum(f * image[i + a, j + b] for (a, b), f in np.ndenumerate(kernels[k]))
        z[c] += w * math.tanh(s)
    top = max(z)
    total = sum(math.exp(v - top) for v in z)
    return -sum(float(t) * (v - top - math.log(total)) for t, v in zip(target, z, strict=True))


@settings(deadline=None, max_examples=40)
@given(networks())
def test_the_gradients_are_those_of_the_loss(network: Network) -> None:
    image, target, kernels, weights = network
    dk, dw = procedural.gradients(image, target, kernels, weights)
    assert (dk.shape, dw.shape) == (kernels.shape, weights.shape)
    rng = np.random.default_rng(0)
    for gradient, array in ((dk, kernels), (dw, weights)):
        way = rng.uniform(0.5, 1.5, array.shape) * rng.choice([-1, 1], array.shape)
        kept, h = array.copy(), 1e-5
        array += h * way
        up = loss(*network)
        array -= 2 * h * way
        down = loss(*network)
        array[...] = kept
        slope = float((gradient * way).sum())
        assert abs((up - down) / (2 * h) - slope) <= 1e-6 * max(1.0, abs(slope))


@settings(deadline=None, max_examples=40)
@given(networks())
def test_the_class_has_the_largest_probability(network: Network) -> None:
    image, target, kernels, weights = network
    p = procedural.class_probabilities(image, kernels, weights)
    losses = [loss(image, row, kernels, weights) for row in np.eye(len(target))]
    assert np.allclose(-np.log(p), losses, rtol=1e-9, atol=1e-9)
    assert procedural.predicted_class(image, kernels, weights) == np.argmin(losses)


def test_training_takes_one_image_after_the_other_and_a_batch_takes_them_at_once() -> None:
    rng = np.random.default_rng(1)
    images, targets = rng.normal(size=(3, 5, 4)), np.eye(4)[[1, 3, 0]]
    kernels, weights = rng.normal(size=(2, 2, 3)), rng.normal(size=(4, 2, 4, 2))
    k, w = kernels.copy(), weights.copy()
    for image, target in [*zip(images, targets, strict=True)] * 2:
        dk, dw = procedural.gradients(image, target, k, w)
        k, w = k - 0.1 * dk, w - 0.1 * dw
    given_ = (images, targets, kernels, weights)
    for got, expected in zip(procedural.train_one_by_one(*given_, 0.1, 2), (k, w), strict=True):
        assert np.allclose(got, expected, rtol=1e-12)
    each = [
        procedural.gradients(x, t, kernels, weights) for x, t in zip(images, targets, strict=True)
    ]
    for i, start in ((0, kernels), (1, weights)):
        total = sum(g[i] for g in each)
        assert np.allclose(procedural.train_in_batch(*given_, 0.1)[i], start - 0.1 * total)
        mean = procedural.train_in_mean_batch(*given_, 0.1)[i]
        assert np.allclose(mean, start - 0.1 * total / 3)


def test_the_columns_of_the_courses_image() -> None:
    image = np.arange(784.0).reshape(28, 28)
    cols = procedural.columns(image, 3, 3).reshape(9, -1)
    assert cols.shape == (9, 676)
    for k in (0, 25, 26, 675):
        i, j = divmod(k, 26)
        assert np.array_equal(cols[:, k], image[i : i + 3, j : j + 3].ravel())


def test_the_derivative_of_the_output_is_that_of_the_input() -> None:
    x = np.linspace(-3, 3, 41)
    expected = 1 / np.cosh(x) ** 2
    assert np.allclose(procedural.tanh_derivative_of_output(np.tanh(x)), expected, atol=1e-14)


def test_the_network_learns_what_can_be_learnt() -> None:
    rng = np.random.default_rng(3)
    images = np.zeros((60, 28, 28))
    classes = rng.integers(0, 3, 60)
    for image, c in zip(images, classes, strict=True):
        image[8 * c : 8 * c + 6, 6:20] = 1
    images += 0.1 * rng.normal(size=images.shape)
    network = procedural.ProceduralNetwork(rng)
    network.fit(images[:40], classes[:40], optimizer=SGD(0.02), epochs=3)
    assert (network.predict(images[40:]) == classes[40:]).all()
    with pytest.raises(ValueError, match="batch_size"):
        network.fit(images, classes, optimizer=SGD(0.02), epochs=1, batch_size=2)
