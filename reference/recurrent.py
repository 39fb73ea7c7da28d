"""Recurrent layers: a step of a simple recurrent network, and whole sequences with the gradients through time."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, own, upstream


class Recurrent(Layer):
    """h_t = tanh(x_t Wx + h_{t-1} Wh + b), for each step of x (N, T, D), from a state h (N, H).

    ``Wx`` (D, H), ``Wh`` (H, H), ``b`` (H,) and ``h`` are copied. Gradients go back through all steps (Elman 1990,
    "Finding Structure in Time"; Werbos 1990, "Backpropagation Through Time"). Raises ValueError for
    shapes that do not fit.
    """

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike, h: ArrayLike) -> None:
        super().__init__()
        self.params = {"Wx": own(Wx), "Wh": own(Wh), "b": own(b), "h": own(h)}
        nodes = self.params["b"].size
        if self.params["Wh"].shape != (nodes, nodes) or self.params["Wx"].shape[1:] != (nodes,):
            shapes = ", ".join(f"{name} {array.shape}" for name, array in self.params.items())
            raise ValueError(f"these shapes do not fit together: {shapes}")
        self._states: list[Array] = []
        self._sums: list[Array] = []

    def forward(self, x: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, H), the states after each step."""
        self._x = data = as_float(x)
        if data.ndim != 3 or data.shape[2] != len(self.params["Wx"]):
            raise ValueError(f"x has shape {data.shape}, Wx {self.params['Wx'].shape}")
        self._states, self._sums = [self.start(len(data))], []
        for step in np.moveaxis(data, 1, 0):
            z = step @ self.params["Wx"] + self.memory(self._states) @ self.params["Wh"]
            self._sums.append(z + self.params["b"])
            self._states.append(self.activated(self._sums[-1]))
        return np.stack(self._states[1:], axis=1)

    def backward(self, dy: ArrayLike) -> Array:
        """(N, T, H) -> (N, T, D); sets grads Wx, Wh, b and h, sums over the batch and the steps."""
        if not self._states:
            raise no_forward(self)
        last = self._states[-1]
        g = upstream(dy, (len(last), len(self._sums), last.shape[1]), last.dtype)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        dx, dh = np.zeros_like(self._x), np.zeros_like(last)
        for t in reversed(range(len(self._sums))):
            dz = (g[:, t] + self.carried(dh)) * self.slope(self._states[t + 1], self._sums[t])
            dx[:, t] = dz @ self.params["Wx"].T
            self.add("Wx", self._x[:, t].T @ dz)
            self.add("Wh", self.seen(t).T @ dz)
            self.add("b", dz.sum(0))
            dh = self.through(dz)
        self.grads["h"] = dh
        return dx

    def start(self, samples: int) -> Array:
        """The state before the first step, (N, H); ValueError for another number of samples."""
        if len(self.params["h"]) != samples:
            raise ValueError(f"x has {samples} samples, h has {len(self.params['h'])}")
        return self.params["h"]

    def memory(self, states: list[Array]) -> Array:
        """The state that a step starts from."""
        return states[-1]

    def activated(self, z: Array) -> Array:
        """The state of a weighted sum."""
        return np.tanh(z)

    def slope(self, h: Array, z: Array) -> Array:
        """The derivative of `activated`, from the state and the sum."""
        return np.asarray(1 - h**2)

    def carried(self, dh: Array) -> Array:
        """What comes back from the step behind."""
        return dh

    def seen(self, t: int) -> Array:
        """The state that Wh was multiplied with in step `t`."""
        return self._states[t]

    def through(self, dz: Array) -> Array:
        """The gradient of the state before, of that of the sum."""
        return np.asarray(dz @ self.params["Wh"].T)

    def add(self, name: str, gradient: Array) -> None:
        """A step's part of a weight's gradient."""
        self.grads[name] = self.grads[name] + gradient


class RNN(Recurrent):
    """All states of a sequence, from a state that is given."""


class RNNFromZero(Recurrent):
    """All states of a sequence, from a state of zeros."""

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> None:
        super().__init__(Wx, Wh, b, ())

    def start(self, samples: int) -> Array:
        """Zeros, (N, H)."""
        return np.zeros((samples, self.params["b"].size))


class RNNCell(Recurrent):
    """One step, of x (N, D) and a state h (N, H)."""

    def forward(self, x: ArrayLike) -> Array:
        """(N, D) -> (N, H)."""
        return np.asarray(super().forward(as_float(x)[:, None])[:, 0])

    def backward(self, dy: ArrayLike) -> Array:
        """(N, H) -> (N, D); sets grads Wx, Wh, b and h."""
        return np.asarray(super().backward(as_float(dy)[:, None])[:, 0])
