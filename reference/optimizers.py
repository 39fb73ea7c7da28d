"""Optimisers: they change a layer's parameters in place by its gradients."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np

from .layer import Array, Layer

BLOCK = 1 << 15


class Optimizer(ABC):
    """Changes parameters by gradients; ``lr`` is the learning rate, ValueError unless it is > 0."""

    def __init__(self, lr: float) -> None:
        if not lr > 0:
            raise ValueError(f"lr must be above 0, got {lr}")
        self.lr = lr

    @abstractmethod
    def update(self, layer: Layer) -> None:
        """Change each array of ``layer.params`` in place by ``layer.grads``, which stay unchanged.

        Raises ValueError when a parameter has no gradient yet.
        """


class SGD(Optimizer):
    """W -= lr * g."""

    def update(self, layer: Layer) -> None:
        """One step of plain gradient descent."""
        for W, g in _pairs(layer).values():
            for block_W, block_g in zip(_blocks(W), _blocks(g), strict=True):
                block_W -= self.lr * block_g


class AdaGrad(Optimizer):
    """H += g * g, then W -= lr * g / (sqrt(H) + eps), with H of W's shape and 0 at the start.

    Duchi, Hazan & Singer, "Adaptive subgradient methods" (2011), in the diagonal form, whose delta
    is `eps`. Where H is still 0 (so g is, too) there is no step. One optimiser serves any number of
    layers and keeps an H for each of their parameters.
    """

    _under = 0.0

    def __init__(self, lr: float, eps: float = 0.0) -> None:
        super().__init__(lr)
        self.eps = eps
        self._state: WeakKeyDictionary[Layer, dict[str, Array]] = WeakKeyDictionary()

    def update(self, layer: Layer) -> None:
        """One step; H grows first."""
        state = self._state.setdefault(layer, {})
        for name, (W, g) in _pairs(layer).items():
            H = state.setdefault(name, np.zeros_like(W))
            # The least root that a non-zero H can have: it makes 0/0 a 0 and changes nothing else.
            least = np.sqrt(np.finfo(H.dtype).smallest_subnormal)
            for block_W, block_g, block_H in zip(_blocks(W), _blocks(g), _blocks(H), strict=True):
                block_H += block_g * block_g
                step = np.sqrt(block_H + self._under)
                np.maximum(step, least, out=step)
                step += self.eps
                np.divide(block_g, step, out=step)
                step *= self.lr
                block_W -= step


class AdaGradUnderRoot(AdaGrad):
    """H += g * g, then W -= lr * g / sqrt(H + eps), as some books have it."""

    def __init__(self, lr: float, eps: float = 0.0) -> None:
        super().__init__(lr)
        self._under = eps


class Stateful(Optimizer):
    """A rule for one array and what is kept of it, made anew for each parameter of each layer."""

    def __init__(self, lr: float) -> None:
        super().__init__(lr)
        self._state: WeakKeyDictionary[Layer, dict[str, dict[str, Array]]] = WeakKeyDictionary()

    def update(self, layer: Layer) -> None:
        """One step of each parameter."""
        state = self._state.setdefault(layer, {})
        for name, (W, g) in _pairs(layer).items():
            if name not in state:
                state[name] = {moment: np.zeros_like(W) for moment in self.moments}
            W -= self.step(g, state[name])

    moments: tuple[str, ...] = ()  # arrays of the parameter's shape, 0 at the start

    @abstractmethod
    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        """What is subtracted of a parameter with the gradient `g`; `kept` has its arrays."""


def _pairs(layer: Layer) -> dict[str, tuple[Array, Array]]:
    if layer.grads.keys() != layer.params.keys():
        raise ValueError(f"{type(layer).__name__} has no gradients yet: call backward first")
    return {name: (W, layer.grads[name]) for name, W in layer.params.items()}


def _blocks(a: Array) -> Iterator[Array]:
    """Flat views of a contiguous array, so small that what is made of them stays in the cache."""
    flat = a.reshape(-1)
    return (flat[start : start + BLOCK] for start in range(0, flat.size, BLOCK))
