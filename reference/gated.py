"""Recurrent layers with gates: whole sequences of a long short-term memory, with the gradients through time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, own, upstream


class _Step(NamedTuple):
    """What a step computed: its gates by letter, all (N, H), the cell before and after it, and the state before."""

    gates: dict[str, Array]
    before: Array
    cell: Array
    state: Array


class GatedRecurrent(Layer):
    """A long short-term memory over x (N, T, D), from a state h (N, H) and a cell of zeros.

    In each step the columns of ``x_t Wx + h_(t-1) Wh + b`` (N, 4H) are the gates i, f and o, through a sigmoid, and
    the candidate g, through tanh, in the order of `gates`; then c_t = f c_(t-1) + i g and h_t = o tanh(c_t).
    ``Wx`` (D, 4H), ``Wh`` (H, 4H), ``b`` (4H,) and ``h`` are copied. Gradients go back through all steps (Hochreiter
    and Schmidhuber 1997, "Long Short-Term Memory"; the forget gate: Gers, Schmidhuber and Cummins 2000). Raises
    ValueError for shapes that do not fit.
    """

    gates = "ifog"

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike, h: ArrayLike) -> None:
        super().__init__()
        self.params = {"Wx": own(Wx), "Wh": own(Wh), "b": own(b), "h": own(h)}
        columns = self.params["b"].size
        square = self.params["Wh"].shape == (columns // 4, columns)
        if columns % 4 or not square or self.params["Wx"].shape[1:] != (columns,):
            shapes = ", ".join(f"{name} {array.shape}" for name, array in self.params.items())
            raise ValueError(f"these shapes do not fit together: {shapes}")
        self._steps: list[_Step] = []

    def forward(self, x: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, H), the states after each step."""
        self._x = data = as_float(x)
        if data.ndim != 3 or data.shape[2] != len(self.params["Wx"]):
            raise ValueError(f"x has shape {data.shape}, Wx {self.params['Wx'].shape}")
        state = self.start(len(data))
        cell, states, self._steps = np.zeros_like(state), [], []
        for step in np.moveaxis(data, 1, 0):
            z = step @ self.params["Wx"] + state @ self.params["Wh"] + self.params["b"]
            parts = dict(zip(self.gates, np.split(z, 4, axis=1), strict=True))
            gates = {
                k: self.candidate(a) if k == "g" else 1 / (1 + np.exp(-a)) for k, a in parts.items()
            }
            after = gates["f"] * cell + gates["i"] * gates["g"]
            self._steps.append(_Step(gates, cell, after, state))
            cell, state = after, gates["o"] * self.shown(after)
            states.append(state)
        return np.stack(states, axis=1)

    def backward(self, dy: ArrayLike) -> Array:
        """(N, T, H) -> (N, T, D); sets grads Wx, Wh, b and h, sums over the batch and the steps."""
        if not self._steps:
            raise no_forward(self)
        shape = self._steps[-1].state.shape
        back = upstream(dy, (shape[0], len(self._steps), shape[1]), self._x.dtype)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        dx, dh, dc = np.zeros_like(self._x), np.zeros(shape), np.zeros(shape)
        for t in reversed(range(len(self._steps))):
            gates, before, cell, state = self._steps[t]
            dh = back[:, t] + self.carried(dh)
            dc = self.carried_cell(dc) + dh * gates["o"] * self.slope_of_shown(cell)
            found = {
                "i": dc * gates["g"],
                "f": dc * before,
                "o": dh * self.shown(cell),
                "g": dc * gates["i"],
            }
            dz = np.concatenate([found[k] * self.slope(k, gates[k]) for k in self.gates], axis=1)
            dx[:, t] = dz @ self.params["Wx"].T
            self.add("Wx", self._x[:, t].T @ dz)
            self.add("Wh", state.T @ dz)
            self.add("b", dz.sum(0))
            dh, dc = dz @ self.params["Wh"].T, dc * gates["f"]
        self.grads["h"] = dh
        return dx

    def start(self, samples: int) -> Array:
        """The state before the first step, (N, H); ValueError for another number of samples."""
        if len(self.params["h"]) != samples:
            raise ValueError(f"x has {samples} samples, h has {len(self.params['h'])}")
        return self.params["h"]

    def candidate(self, z: Array) -> Array:
        """What may be written into the cell, of its part of the sum."""
        return np.tanh(z)

    def shown(self, cell: Array) -> Array:
        """What the output gate lets through."""
        return np.tanh(cell)

    def slope_of_shown(self, cell: Array) -> Array:
        """The derivative of `shown`."""
        return np.asarray(1 - np.tanh(cell) ** 2)

    def slope(self, gate: str, value: Array) -> Array:
        """The derivative of a gate, from its value."""
        return np.asarray(1 - value**2 if gate == "g" else value * (1 - value))

    def carried(self, dh: Array) -> Array:
        """What comes back from the step behind by the state."""
        return dh

    def carried_cell(self, dc: Array) -> Array:
        """What comes back from the step behind by the cell."""
        return dc

    def add(self, name: str, gradient: Array) -> None:
        """A step's part of a weight's gradient."""
        self.grads[name] = self.grads[name] + gradient


class LSTM(GatedRecurrent):
    """All states of a sequence, from a state that is given; the columns are i, f, o, g."""


class LSTMFromZero(GatedRecurrent):
    """All states of a sequence, from a state of zeros; the columns are f, g, i, o."""

    gates = "fgio"

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> None:
        super().__init__(Wx, Wh, b, ())

    def start(self, samples: int) -> Array:
        """Zeros, (N, H)."""
        return np.zeros((samples, self.params["b"].size // 4))
