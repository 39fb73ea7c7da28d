"""A network of layers that learns to classify, and the networks of the sprints."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from .activations import ReLU, Tanh
from .conv1d import Conv1d
from .conv2d import Conv2d
from .dense import FC, Flatten
from .initializers import HeInitializer, Initializer, XavierInitializer
from .layer import Array, Layer
from .minibatch import GetMiniBatch
from .optimizers import SGD, Optimizer
from .pooling import MaxPool2D
from .sizes import as_int, conv2d_output_size, conv_output_size
from .softmax import SoftmaxCrossEntropy, softmax

# Prediction goes through the network in pieces, so that its memory does not grow with the data.
PREDICT_BATCH = 256


class Network:
    """Layers one after the other, with softmax and cross-entropy at the end.

    The last layer gives logits (N, K). ``losses`` holds the mean loss of each epoch so far.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        if not layers:
            raise ValueError("a network needs at least one layer")
        self.layers = list(layers)
        self.loss = SoftmaxCrossEntropy("mean")
        self.losses: list[float] = []

    def forward(self, x: ArrayLike) -> Array:
        """The logits (N, K) for a batch, without the softmax."""
        for layer in _in_order(self.layers):
            x = layer.forward(x)
        return np.asarray(x)

    def backward(self, dlogits: ArrayLike, done: Callable[[Layer], object] | None = None) -> None:
        """Set the gradients of every layer that has parameters, for ``dlogits`` (N, K).

        ``done``, if given, is called with each of them as soon as its gradients are there and
        the layer itself is not needed any more, so it may change the parameters at once.
        """
        layers = _in_order(self.layers)
        with_params = [i for i, layer in enumerate(layers) if layer.params]
        if not with_params:
            return
        first = with_params[0]
        for layer in reversed(layers[first + 1 :]):
            dlogits = layer.backward(dlogits)
            if done and layer.params:
                done(layer)
        layers[first].backward_params(dlogits)
        if done:
            done(layers[first])

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        optimizer: Optimizer | None = None,
        epochs: int = 1,
        batch_size: int = 20,
        seed: int | np.random.Generator = 0,
    ) -> Self:
        """Learn from samples ``X`` (n, ...) and answers ``y``, by default with SGD(0.1).

        Answers are class numbers (n,) or one-hot rows (n, K). Every epoch has its own order,
        drawn from ``seed``. Raises ValueError for shapes that do not fit.
        """
        optimizer = SGD(0.1) if optimizer is None else optimizer
        rng = np.random.default_rng(seed)
        for _ in range(as_int(epochs, "epochs", 0)):
            total = count = 0.0
            for batch_x, batch_y in GetMiniBatch(X, y, batch_size, rng):
                total += len(batch_x) * self.loss.forward(self.forward(batch_x), batch_y)
                count += len(batch_x)
                # Updated one by one, while the gradients are still in the cache.
                self.backward(self.loss.backward(), optimizer.update)
            self.losses.append(total / max(count, 1))
        return self

    def predict_proba(self, X: ArrayLike) -> Array:
        """The probabilities (n, K) of the classes for samples ``X`` (n, ...)."""
        data = np.asarray(X)
        starts = range(0, max(len(data), 1), PREDICT_BATCH)
        return softmax(np.concatenate([self.forward(data[i : i + PREDICT_BATCH]) for i in starts]))

    def predict(self, X: ArrayLike) -> Array:
        """The class numbers (n,) that are the most probable for samples ``X`` (n, ...)."""
        classes: Array = np.argmax(self.predict_proba(X), 1)
        return classes

    def parameter_count(self) -> int:
        """How many numbers the network learns."""
        return sum(p.size for layer in self.layers for p in layer.params.values())


def _in_order(layers: Sequence[Layer]) -> list[Layer]:
    """The layers as they are computed: max pooling before a ReLU that it follows.

    The largest of a window is the same one, and what ReLU makes of it is the same, too; where it
    is not above 0 no gradient passes in either order. So all results are equal, not only nearly,
    and with a 2x2 pooling ReLU has a quarter of the work.
    """
    order = list(layers)
    for i, (a, b) in enumerate(pairwise(layers)):
        if type(a) is ReLU and type(b) is MaxPool2D:
            order[i : i + 2] = b, a
    return order


def dnn_classifier(
    rng: np.random.Generator,
    n_in: int = 784,
    hidden: Sequence[int] = (400, 200),
    n_classes: int = 10,
    *,
    activation: type[Layer] = Tanh,
    initializer: Initializer | None = None,
) -> Network:
    """Fully connected layers with activations between them, for inputs (N, n_in).

    Weights are Xavier's unless an initializer is given.
    """
    init = XavierInitializer() if initializer is None else initializer
    layers: list[Layer] = []
    for a, b in pairwise((n_in, *hidden)):
        layers += [FC.initialised(a, b, init, rng), activation()]
    return Network([*layers, FC.initialised((n_in, *hidden)[-1], n_classes, init, rng)])


def cnn1d_classifier(
    rng: np.random.Generator,
    length: int = 784,
    n_classes: int = 10,
    *,
    channels: int = 8,
    filter_size: int = 3,
    initializer: Initializer | None = None,
) -> Network:
    """Conv1d, ReLU, Flatten and FC, for inputs (N, 1, length). Weights are He's by default."""
    init = HeInitializer() if initializer is None else initializer
    conv = Conv1d.initialised(1, channels, filter_size, init, rng)
    n_flat = channels * conv_output_size(length, filter_size)
    return Network([conv, ReLU(), Flatten(), FC.initialised(n_flat, n_classes, init, rng)])


def cnn2d_classifier(
    rng: np.random.Generator,
    image: tuple[int, int, int] = (1, 28, 28),
    n_classes: int = 10,
    *,
    channels: int = 8,
    filter_size: int = 3,
    initializer: Initializer | None = None,
) -> Network:
    """Conv2d, ReLU, 2x2 max pooling, Flatten and FC, for inputs (N, *image).

    Weights are He's by default.
    """
    init = HeInitializer() if initializer is None else initializer
    conv = Conv2d.initialised(image[0], channels, filter_size, init, rng)
    size = conv2d_output_size(conv2d_output_size(image[1:], filter_size), 2, 2)
    fc = FC.initialised(channels * prod(size), n_classes, init, rng)
    return Network([conv, ReLU(), MaxPool2D(2), Flatten(), fc])


def lenet(
    rng: np.random.Generator,
    image: tuple[int, int, int] = (1, 28, 28),
    n_classes: int = 10,
    *,
    initializer: Initializer | None = None,
) -> Network:
    """The sprints' LeNet, for inputs (N, *image): two convolutions and three dense layers.

    Conv2d of 6 filters 5x5, ReLU, 2x2 max pooling, Conv2d of 16 filters 5x5, ReLU, 2x2 max
    pooling, then FC 120, FC 84 and FC n_classes with ReLU between them; after LeCun, Bottou,
    Bengio & Haffner, "Gradient-based learning applied to document recognition" (1998). Weights
    are He's by default.
    """
    init = HeInitializer() if initializer is None else initializer
    layers: list[Layer] = []
    c, size = image[0], image[1:]
    for filters in (6, 16):
        layers += [Conv2d.initialised(c, filters, 5, init, rng), ReLU(), MaxPool2D(2)]
        c, size = filters, conv2d_output_size(conv2d_output_size(size, 5), 2, 2)
    layers.append(Flatten())
    for a, b in pairwise((c * prod(size), 120, 84)):
        layers += [FC.initialised(a, b, init, rng), ReLU()]
    return Network([*layers, FC.initialised(84, n_classes, init, rng)])
