"""Gated recurrent units: a step, and a whole sequence."""

import numpy as np

from .activations import sigmoid
from .layer import Array
from .unrolled import FromZero, OneStep, Unrolled


class GatedUnits(Unrolled):
    """The three sums of a node belong to the update gate z, the reset gate r and the candidate n, in this order.

    In each step z and r are a sigmoid of ``x_t Wx + h_(t-1) Wh + b`` (N, 3H), n is
    ``tanh(x_t Wxn + (r * h_(t-1)) Whn + bn)`` and h_t = (1 - z) h_(t-1) + z n (Cho et al. 2014, "Learning Phrase
    Representations using RNN Encoder-Decoder", z as Chung et al. 2014 have it).
    """

    sums = 3

    def begin(self) -> None:
        """No steps yet."""
        self._steps: list[tuple[Array, Array, Array, Array]] = []

    def stepped(self, x: Array, h: Array) -> Array:
        """The state after a step; its gates, its candidate and the state before are kept."""
        sums = x @ self.params["Wx"] + self.params["b"]
        gates, candidate = self.split()
        z, r = np.split(sigmoid(sums[:, : 2 * self.nodes] + h @ gates), 2, axis=1)
        n = self.activated(sums[:, 2 * self.nodes :] + self.remembered(r, h, candidate))
        self._steps.append((z, r, n, h))
        return self.mixed(z, n, h)

    def returned(self, t: int, dh: Array, dc: Array) -> tuple[Array, Array, Array, Array]:
        """Through a step; it has no cell."""
        z, r, n, h = self._steps[t]
        gates, candidate = self.split()
        dn = dh * z * self.slope(n)
        through = dn @ candidate.T
        dzr = np.hstack([dh * (n - h) * self.gate_slope(z), through * h * self.gate_slope(r)])
        of_weights = np.hstack([h.T @ dzr, self.multiplied(r, h).T @ dn])
        before = self.kept(dh, z) + dzr @ gates.T + self.reset(through, r)
        return np.hstack([dzr, dn]), of_weights, before, dc

    def split(self) -> list[Array]:
        """Wh of the gates, (H, 2H), and of the candidate, (H, H)."""
        return np.split(self.params["Wh"], [2 * self.nodes], axis=1)

    def remembered(self, r: Array, h: Array, weight: Array) -> Array:
        """What the candidate takes of the state before."""
        return np.asarray((r * h) @ weight)

    def multiplied(self, r: Array, h: Array) -> Array:
        """What the candidate's part of Wh is multiplied with."""
        return np.asarray(r * h)

    def activated(self, z: Array) -> Array:
        """The candidate, of its sum."""
        return np.tanh(z)

    def slope(self, n: Array) -> Array:
        """The derivative of `activated`, from the candidate."""
        return np.asarray(1 - n**2)

    def gate_slope(self, gate: Array) -> Array:
        """The derivative of a gate, from its value."""
        return np.asarray(gate * (1 - gate))

    def mixed(self, z: Array, n: Array, h: Array) -> Array:
        """The state after a step."""
        return np.asarray((1 - z) * h + z * n)

    def kept(self, dh: Array, z: Array) -> Array:
        """What goes back into the state before past all sums."""
        return np.asarray(dh * (1 - z))

    def reset(self, through: Array, r: Array) -> Array:
        """What goes back into the state before by the candidate."""
        return np.asarray(through * r)


class GRUFromZero(FromZero, GatedUnits):
    """All states of a sequence, from a state of zeros."""


class GRUCell(OneStep, GatedUnits):
    """One step, of x (N, D) and a state h (N, H)."""
