"""What recurrent layers share: a step after the other, and the way back through all of them."""

from abc import abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, own, upstream


class Unrolled(Layer):
    """A recurrent layer over x (N, T, D), from a state h (N, H).

    The columns of ``Wx`` (D, C), ``Wh`` (H, C) and ``b`` (C,) are what each step sums, C = `sums` H; all are copied.
    Gradients go back through all steps (Werbos 1990, "Backpropagation Through Time"). Raises ValueError for shapes that
    do not fit.
    """

    sums = 1
    """How many sums each node has."""

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike, h: ArrayLike) -> None:
        super().__init__()
        self.params = {"Wx": own(Wx), "Wh": own(Wh), "b": own(b), "h": own(h)}
        self.nodes = len(self.params["Wh"])
        columns = (self.sums * self.nodes,)
        if {self.params[name].shape[-1:] for name in ("Wx", "Wh", "b")} != {columns}:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in self.params.items())
            raise ValueError(f"these shapes do not fit together: {shapes}")
        self._states: list[Array] = []

    def forward(self, x: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, H), the states after each step."""
        self._x = data = as_float(x)
        if data.ndim != 3 or data.shape[2] != len(self.params["Wx"]):
            raise ValueError(f"x has shape {data.shape}, Wx {self.params['Wx'].shape}")
        self._states = [self.start(len(data))]
        self.begin()
        for step in np.moveaxis(data, 1, 0):
            self._states.append(self.stepped(step, self.memory(self._states)))
        return np.stack(self._states[1:], axis=1)

    def backward(self, dy: ArrayLike) -> Array:
        """(N, T, H) -> (N, T, D); sets grads Wx, Wh, b and h, sums over the batch and the steps."""
        if not self._states:
            raise no_forward(self)
        steps = self._x.shape[1]
        back = upstream(dy, (len(self._x), steps, self.nodes), self._x.dtype)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        dx, dh, dc = np.zeros_like(self._x), *np.zeros((2, len(self._x), self.nodes))
        for t in reversed(range(steps)):
            dz, through_weights, dh, dc = self.returned(t, back[:, t] + self.carried(dh), dc)
            dx[:, t] = dz @ self.params["Wx"].T
            self.add("Wx", self._x[:, t].T @ dz)
            self.add("Wh", through_weights)
            self.add("b", dz.sum(0))
        self.grads["h"] = dh
        return dx

    def start(self, samples: int) -> Array:
        """The state before the first step, (N, H); ValueError for another number of samples."""
        if self.params["h"].shape != (samples, self.nodes):
            raise ValueError(f"x has {samples} samples, h has shape {self.params['h'].shape}")
        return self.params["h"]

    def memory(self, states: list[Array]) -> Array:
        """The state that a step starts from."""
        return states[-1]

    @abstractmethod
    def begin(self) -> None:
        """Forget what was kept of steps."""

    @abstractmethod
    def stepped(self, x: Array, h: Array) -> Array:
        """The state after a step, (N, H), of x (N, D) and the state before; what the way back needs is kept."""

    @abstractmethod
    def returned(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array, Array, Array]:
        """Through step `t`, from the gradients of its state and, where there is one, of its cell: those of its sums
        (N, C), of Wh, and of the state and the cell before it.
        """

    def carried(self, dh: Array) -> Array:
        """What comes back from the step behind."""
        return dh

    def add(self, name: str, gradient: Array) -> None:
        """A step's part of a weight's gradient."""
        self.grads[name] = self.grads[name] + gradient


class FromZero(Unrolled):
    """All states of a sequence, from a state of zeros."""

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> None:
        super().__init__(Wx, Wh, b, ())

    def start(self, samples: int) -> Array:
        """Zeros, (N, H)."""
        return np.zeros((samples, self.nodes))


class OneStep(Unrolled):
    """One step, of x (N, D) and a state h (N, H)."""

    def forward(self, x: ArrayLike) -> Array:
        """(N, D) -> (N, H)."""
        return np.asarray(super().forward(as_float(x)[:, None])[:, 0])

    def backward(self, dy: ArrayLike) -> Array:
        """(N, H) -> (N, D); sets grads Wx, Wh, b and h."""
        return np.asarray(super().backward(as_float(dy)[:, None])[:, 0])


class LastState(FromZero):
    """The state after the last step alone, from a state of zeros."""

    def forward(self, x: ArrayLike) -> Array:
        """(N, T, D) -> (N, H)."""
        return np.asarray(super().forward(x)[:, -1])

    def backward(self, dy: ArrayLike) -> Array:
        """(N, H) -> (N, T, D); sets grads Wx, Wh and b, sums over the batch and the steps."""
        if not self._states:
            raise no_forward(self)
        steps = [np.zeros_like(state) for state in self._states[1:]]
        steps[-1] = upstream(dy, steps[-1].shape, steps[-1].dtype)
        return super().backward(np.stack(steps, axis=1))
