"""Recurrent layers with gates: whole sequences of a long short-term memory."""

from typing import NamedTuple

import numpy as np

from .activations import sigmoid
from .layer import Array
from .unrolled import FromZero, Unrolled


class _Step(NamedTuple):
    """What a step computed: its gates by letter, all (N, H), the cell before and after it, and the state before."""

    gates: dict[str, Array]
    before: Array
    cell: Array
    state: Array


class GatedRecurrent(Unrolled):
    """A long short-term memory, from a cell of zeros.

    In each step the four sums of ``x_t Wx + h_(t-1) Wh + b`` (N, 4H) are the gates i, f and o, through a sigmoid, and
    the candidate g, through tanh, in the order of `gates`; then c_t = f c_(t-1) + i g and h_t = o tanh(c_t)
    (Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"; the forget gate: Gers, Schmidhuber and Cummins 2000).
    """

    sums = 4
    gates = "ifog"

    def begin(self) -> None:
        """No steps yet."""
        self._steps: list[_Step] = []

    def stepped(self, x: Array, h: Array) -> Array:
        """The state after a step; its gates and its cell are kept."""
        z = x @ self.params["Wx"] + h @ self.params["Wh"] + self.params["b"]
        parts = dict(zip(self.gates, np.split(z, 4, axis=1), strict=True))
        gates = {k: self.candidate(a) if k == "g" else sigmoid(a) for k, a in parts.items()}
        cell = self._steps[-1].cell if self._steps else np.zeros_like(h)
        after = gates["f"] * cell + gates["i"] * gates["g"]
        self._steps.append(_Step(gates, cell, after, h))
        return np.asarray(gates["o"] * self.shown(after))

    def returned(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array, Array, Array]:
        """Through a step and its cell."""
        gates, before, cell, h = self._steps[t]
        dc = self.carried_cell(dc) + dh * gates["o"] * self.slope_of_shown(cell)
        found = {
            "i": dc * gates["g"], "f": dc * before, "o": dh * self.shown(cell), "g": dc * gates["i"],
        }  # fmt: skip
        dz = np.concatenate([found[k] * self.slope(k, gates[k]) for k in self.gates], axis=1)
        return dz, h.T @ dz, dz @ self.params["Wh"].T, dc * gates["f"]

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

    def carried_cell(self, dc: Array) -> Array:
        """What comes back from the step behind by the cell."""
        return dc


class LSTM(GatedRecurrent):
    """All states of a sequence, from a state that is given; the columns are i, f, o, g."""


class LSTMFromZero(FromZero, GatedRecurrent):
    """All states of a sequence, from a state of zeros; the columns are f, g, i, o."""

    gates = "fgio"
