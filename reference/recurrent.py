"""Simple recurrent networks: a step, and whole sequences."""

import numpy as np

from .layer import Array
from .unrolled import FromZero, LastState, OneStep, Unrolled


class Recurrent(Unrolled):
    """h_t = tanh(x_t Wx + h_{t-1} Wh + b) for each step (Elman 1990, "Finding Structure in Time")."""

    def begin(self) -> None:
        """No sums yet."""
        self._sums: list[Array] = []

    def stepped(self, x: Array, h: Array) -> Array:
        """The state after a step."""
        self._sums.append(x @ self.params["Wx"] + h @ self.params["Wh"] + self.params["b"])
        return self.activated(self._sums[-1])

    def returned(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array, Array, Array]:
        """Through a step; it has no cell."""
        dz = dh * self.slope(self._states[t + 1], self._sums[t])
        return dz, self.seen(t).T @ dz, self.through(dz), dc

    def activated(self, z: Array) -> Array:
        """The state of a weighted sum."""
        return np.tanh(z)

    def slope(self, h: Array, z: Array) -> Array:
        """The derivative of `activated`, from the state and the sum."""
        return np.asarray(1 - h**2)

    def seen(self, t: int) -> Array:
        """The state that Wh was multiplied with in step `t`."""
        return self._states[t]

    def through(self, dz: Array) -> Array:
        """The gradient of the state before, of that of the sum."""
        return np.asarray(dz @ self.params["Wh"].T)


class RNN(Recurrent):
    """All states of a sequence, from a state that is given."""


class RNNFromZero(FromZero, Recurrent):
    """All states of a sequence, from a state of zeros."""


class RNNLastState(LastState, Recurrent):
    """The last state of a sequence, from a state of zeros."""


class RNNCell(OneStep, Recurrent):
    """One step, of x (N, D) and a state h (N, H)."""
