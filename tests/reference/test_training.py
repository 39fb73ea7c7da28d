"""Initialisers, optimisers, mini-batches and networks."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference import (
    FC,
    SGD,
    AdaGrad,
    Conv2d,
    Flatten,
    GetMiniBatch,
    HeInitializer,
    Initializer,
    MaxPool2D,
    Network,
    ReLU,
    SimpleInitializer,
    SoftmaxCrossEntropy,
    XavierInitializer,
    cnn1d_classifier,
    cnn2d_classifier,
    dnn_classifier,
    lenet,
)

Array = NDArray[Any]


@pytest.mark.parametrize(
    ("make", "n_in", "std"),
    [
        (SimpleInitializer(0.03), 50, 0.03),
        (SimpleInitializer(0.0), 50, 0.0),
        (XavierInitializer(), 50, 1 / sqrt(50)),
        (HeInitializer(), 50, sqrt(2 / 50)),
        (HeInitializer("float32"), 8, 0.5),
    ],
)
def test_initialisers(make: Initializer, n_in: int, std: float) -> None:
    assert make.std(n_in) == pytest.approx(std, rel=1e-15)
    W = make((200, 300), n_in, np.random.default_rng(7))
    assert (W.shape, W.dtype) == ((200, 300), make.dtype)
    # The standard errors are std / sqrt(60000) of the mean and a 346th of the spread.
    assert abs(W.mean()) <= 6 * std / sqrt(60_000)
    assert W.std() == pytest.approx(std, rel=6 / 346)
    # 31.7 % of a Gaussian lie beyond one standard deviation (42.3 % of a uniform).
    if std:
        assert np.mean(abs(W) > std) == pytest.approx(0.3173, abs=0.012)
    np.testing.assert_array_equal(W, make((200, 300), n_in, np.random.default_rng(7)))


def test_errors_of_initialisers() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="sigma"):
        SimpleInitializer(-1)
    with pytest.raises(ValueError, match="dtype"):
        HeInitializer(int)
    with pytest.raises(ValueError, match="n_in"):
        XavierInitializer()((2,), 0, rng)


@settings(deadline=None, max_examples=20)
@given(
    size=st.sampled_from([1, 7, 20_000]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_optimisers_are_their_formulas(size: int, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(size, 1)).astype(dtype), rng.normal(size=1).astype(dtype)
    plain, adaptive, other = FC(*start), FC(*start), FC(*start)
    sgd, adagrad = SGD(0.3), AdaGrad(0.3)
    expected_plain: list[Array] = [a.astype(float) for a in start]
    expected_adaptive: list[Array] = [a.astype(float) for a in start]
    H = [np.zeros(a.shape) for a in start]
    for _ in range(4):
        grads = [rng.normal(size=a.shape).astype(dtype) for a in start]
        for layer in (plain, adaptive):
            layer.grads = dict(zip("Wb", grads, strict=True))
        kept = [g.copy() for g in grads]
        sgd.update(plain)
        adagrad.update(adaptive)
        for i, g in enumerate(kept):
            np.testing.assert_array_equal(grads[i], g)
            expected_plain[i] -= 0.3 * g
            H[i] += g.astype(float) ** 2
            expected_adaptive[i] -= 0.3 * g / np.sqrt(H[i])
        tolerance = 1e-12 if dtype == "float64" else 1e-5
        for layer, expected in ((plain, expected_plain), (adaptive, expected_adaptive)):
            for actual, wanted in zip(layer.params.values(), expected, strict=True):
                assert actual.dtype == dtype
                np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance)
    # Another layer has an H of its own: its first step is lr in each direction.
    other.grads = {"W": np.ones_like(start[0]), "b": -np.ones_like(start[1])}
    adagrad.update(other)
    np.testing.assert_allclose(other.params["W"], start[0] - 0.3, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(other.params["b"], start[1] + 0.3, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adagrad_makes_no_step_for_no_gradient(dtype: str) -> None:
    layer, adagrad = FC(np.ones((2, 1), dtype)), AdaGrad(0.1)
    with np.errstate(all="raise", under="ignore"):
        for g in ([[0], [0]], [[0], [2]], [[0], [0]]):
            layer.grads = {"W": np.array(g, dtype)}
            adagrad.update(layer)
    np.testing.assert_allclose(layer.params["W"], [[1.0], [0.9]], rtol=1e-6)


def test_errors_of_optimisers() -> None:
    for kind in (SGD, AdaGrad):
        with pytest.raises(ValueError, match="lr"):
            kind(0.0)
        with pytest.raises(ValueError, match="call backward first"):
            kind(0.1).update(FC(np.ones((1, 1))))
        kind(0.1).update(Flatten())


@settings(deadline=None)
@given(n=st.integers(0, 30), batch_size=st.integers(1, 12), seed=st.integers(0, 2**32 - 1))
def test_mini_batches(n: int, batch_size: int, seed: int) -> None:
    X, y = np.arange(n * 6).reshape(n, 2, 3), -np.arange(n, dtype="float32")
    batches = GetMiniBatch(X, y, batch_size, seed)
    found = list(batches)
    assert len(found) == len(batches) == -(-n // batch_size)
    assert [len(a) for a, _ in found[:-1]] == [batch_size] * (len(found) - 1)
    for i, (a, b) in enumerate(found):
        assert len(a) == len(b) > 0
        assert (a.dtype, b.dtype) == (X.dtype, y.dtype)
        np.testing.assert_array_equal(a[:, 0, 0] // 6, -b)
        np.testing.assert_array_equal(a[:, 1, 2] // 6, -b)
        np.testing.assert_array_equal(batches[i][0], a)
        np.testing.assert_array_equal(batches[i - len(found)][1], b)
    assert sorted(int(-v) for _, b in found for v in b) == list(range(n))
    again = GetMiniBatch(X, y, batch_size, np.random.default_rng(seed))
    assert all((b == c).all() for (_, b), (_, c) in zip(found, again, strict=True))
    with pytest.raises(IndexError):
        batches[len(found)]


def test_mini_batches_shuffle_and_copy_nothing() -> None:
    X = np.arange(100)
    batches = GetMiniBatch(X, X, 100, 1)
    assert batches.X is X
    assert (batches[0][0] != X).any()
    assert (batches[0][0] != GetMiniBatch(X, X, 100, 2)[0][0]).any()


def test_errors_of_mini_batches() -> None:
    with pytest.raises(ValueError, match="same length"):
        GetMiniBatch(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="batch_size"):
        GetMiniBatch(np.ones(3), np.ones(3), 0)


def blobs(*shape: int) -> tuple[Array, Array]:
    """Noise with one of four quarters lit: which one is the class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 240)
    x = rng.normal(0, 0.3, (240, 12, 12))
    for image, k in zip(x, y, strict=True):
        image[k // 2 * 6 :, k % 2 * 6 :][:6, :6] += 1
    return x.reshape(240, *shape), y


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda rng: dnn_classifier(rng, 144, (20, 10), 4), (144,)),
        (lambda rng: cnn1d_classifier(rng, 144, 4), (1, 144)),
        (lambda rng: cnn2d_classifier(rng, (1, 12, 12), 4), (1, 12, 12)),
        (
            lambda rng: Network(
                [
                    Flatten(),
                    ReLU(),
                    FC.initialised(144, 4, XavierInitializer(), rng),
                ]
            ),
            (12, 12),
        ),
    ],
)
def test_networks_learn(make: Any, shape: tuple[int, ...]) -> None:
    X, y = blobs(*shape)
    net, twin = make(np.random.default_rng(1)), make(np.random.default_rng(1))
    assert net.fit(X[:200], y[:200], optimizer=SGD(0.05), epochs=4, batch_size=16, seed=3) is net
    assert net.losses[-1] < net.losses[0]
    assert np.mean(net.predict(X[200:]) == y[200:]) > 0.9
    probabilities = net.predict_proba(X[200:])
    assert probabilities.shape == (40, 4)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    # The same seeds give the same network, from one-hot rows just as well.
    twin.fit(X[:200], np.eye(4)[y[:200]], optimizer=SGD(0.05), epochs=4, batch_size=16, seed=3)
    np.testing.assert_array_equal(probabilities, twin.predict_proba(X[200:]))


def test_lenet() -> None:
    net = lenet(np.random.default_rng(0), initializer=HeInitializer("float32"))
    x = np.random.default_rng(1).random((6, 1, 28, 28), "float32")
    assert [layer.forward(x).shape for layer in net.layers[:1]] == [(6, 6, 24, 24)]
    assert net.forward(x).shape == (6, 10)
    assert net.forward(x).dtype == np.float32
    # (25 + 1) * 6 + (150 + 1) * 16 + 257 * 120 + 121 * 84 + 85 * 10
    assert net.parameter_count() == 156 + 2416 + 30840 + 10164 + 850
    net.fit(x, np.arange(6), optimizer=AdaGrad(0.01), epochs=30, batch_size=6)
    assert net.predict(x).tolist() == list(range(6))


def test_the_whole_network_against_central_differences() -> None:
    rng = np.random.default_rng(0)
    init = HeInitializer()
    net = Network(
        [
            Conv2d.initialised(1, 2, 3, init, rng, padding=1),
            ReLU(),
            MaxPool2D(2),
            Flatten(),
            FC.initialised(2 * 3 * 3, 3, init, rng),
        ]
    )
    x, t, loss = rng.normal(size=(5, 1, 6, 6)), [0, 1, 2, 0, 1], SoftmaxCrossEntropy()
    loss.forward(net.forward(x), t)
    net.backward(loss.backward())
    for layer in net.layers:
        for key, p in layer.params.items():
            direction, values = rng.normal(size=p.shape), []
            original = p.copy()
            for h in (1e-7, -1e-7):
                p[...] = original + h * direction
                values.append(loss.forward(net.forward(x), t))
            p[...] = original
            expected = np.vdot(layer.grads[key], direction)
            assert (values[0] - values[1]) / 2e-7 == pytest.approx(expected, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("pooling", [MaxPool2D(2), MaxPool2D(3, 2, 1), MaxPool2D(2, 3)])
def test_the_order_of_relu_and_max_pooling_makes_no_difference(pooling: MaxPool2D) -> None:
    """A network takes them in the cheaper order; layer by layer they go as they are written."""
    rng = np.random.default_rng(0)
    conv = Conv2d.initialised(1, 3, 3, HeInitializer(), rng)
    # A third of the windows has nothing above 0, and many have their largest value twice.
    x = rng.integers(-3, 2, (4, 1, 11, 11)).astype(float)
    conv.params["W"][...] = rng.integers(-1, 2, conv.params["W"].shape)
    conv.params["b"][...] = -2
    layers = [conv, ReLU(), pooling, Flatten()]
    net = Network(layers)
    y: Array = x
    for layer in layers:
        y = layer.forward(y)
    dy = rng.normal(size=y.shape)
    expected = layers[3].backward(dy)
    for layer in (layers[2], layers[1]):
        expected = layer.backward(expected)
    conv.backward(expected)
    grads = dict(conv.grads)
    assert (y == 0).any()
    np.testing.assert_array_equal(net.forward(x), y)
    net.backward(dy)
    for name, g in grads.items():
        np.testing.assert_allclose(conv.grads[name], g, rtol=1e-12, atol=1e-12)
    assert net.layers == layers


def test_networks_at_the_edges() -> None:
    net = Network([ReLU(), Flatten()])
    net.fit(np.eye(3), np.arange(3), epochs=2)
    assert net.parameter_count() == 0
    assert net.predict(np.eye(3)).tolist() == [0, 1, 2]
    assert net.predict(np.eye(3)[:0]).shape == (0,)
    assert len(net.fit(np.eye(3), np.arange(3), epochs=0).losses) == 2
    # More samples than go through at once.
    assert net.predict(np.tile(np.eye(3), (200, 1))).tolist() == [0, 1, 2] * 200
    with pytest.raises(ValueError, match="at least one layer"):
        Network([])
    with pytest.raises(ValueError, match="same length"):
        net.fit(np.eye(3), np.arange(2))
