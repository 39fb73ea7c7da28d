"""Gated recurrent units: a step, and a whole sequence with the gradients through time."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, own, upstream


class GatedUnits(Layer):
    """Gated recurrent units over x (N, T, D), from a state h (N, H).

    The columns of ``Wx`` (D, 3H), ``Wh`` (H, 3H) and ``b`` (3H,) belong to the update gate z, the reset gate r and
    the candidate n, in this order. In each step z and r are a sigmoid of ``x_t Wx + h_(t-1) Wh + b``, n is
    ``tanh(x_t Wxn + (r * h_(t-1)) Whn + bn)`` and h_t = (1 - z) h_(t-1) + z n (Cho et al. 2014, "Learning Phrase
    Representations using RNN Encoder-Decoder", z as Chung et al. 2014 have it). All arrays are copied. Raises ValueError for
    shapes that do not fit.
    """

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike, h: ArrayLike) -> None:
        super().__init__()
        self.params = {"Wx": own(Wx), "Wh": own(Wh), "b": own(b), "h": own(h)}
        self.nodes = len(self.params["Wh"])
        columns = (3 * self.nodes,)
        if {self.params[name].shape[-1:] for name in ("Wx", "Wh", "b")} != {columns}:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in self.params.items())
            raise ValueError(f"these shapes do not fit together: {shapes}")
        self._steps: list[tuple[Array, Array, Array, Array]] = []

    def forward(self, x: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, H), the states after each step."""
        self._x = data = as_float(x)
        if data.ndim != 3 or data.shape[2] != len(self.params["Wx"]):
            raise ValueError(f"x has shape {data.shape}, Wx {self.params['Wx'].shape}")
        h, states, self._steps = self.start(len(data)), [], []
        gates, candidate = np.split(self.params["Wh"], [2 * self.nodes], axis=1)
        for step in np.moveaxis(data, 1, 0):
            sums = step @ self.params["Wx"] + self.params["b"]
            zr = 1 / (1 + np.exp(-(sums[:, : 2 * self.nodes] + h @ gates)))
            z, r = np.split(zr, 2, axis=1)
            n = self.activated(sums[:, 2 * self.nodes :] + self.remembered(r, h, candidate))
            self._steps.append((z, r, n, h))
            h = self.mixed(z, n, h)
            states.append(h)
        return np.stack(states, axis=1)

    def backward(self, dy: ArrayLike) -> Array:
        """(N, T, H) -> (N, T, D); sets grads Wx, Wh, b and h, sums over the batch and the steps."""
        if not self._steps:
            raise no_forward(self)
        shape = (len(self._x), len(self._steps), self.nodes)
        back = upstream(dy, shape, self._x.dtype)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        gates, candidate = np.split(self.params["Wh"], [2 * self.nodes], axis=1)
        dx, dh = np.zeros_like(self._x), np.zeros_like(back[:, 0])
        for t in reversed(range(len(self._steps))):
            z, r, n, h = self._steps[t]
            dh = back[:, t] + self.carried(dh)
            dn = dh * z * self.slope(n)
            through = dn @ candidate.T
            dzr = np.hstack([dh * (n - h) * self.gate_slope(z), through * h * self.gate_slope(r)])
            sums = np.hstack([dzr, dn])
            dx[:, t] = sums @ self.params["Wx"].T
            self.add("Wx", self._x[:, t].T @ sums)
            self.add("Wh", np.hstack([h.T @ dzr, self.multiplied(r, h).T @ dn]))
            self.add("b", sums.sum(0))
            dh = self.kept(dh, z) + dzr @ gates.T + self.reset(through, r)
        self.grads["h"] = dh
        return dx

    def start(self, samples: int) -> Array:
        """The state before the first step, (N, H); ValueError for another number of samples."""
        if self.params["h"].shape != (samples, self.nodes):
            raise ValueError(f"x has {samples} samples, h has shape {self.params['h'].shape}")
        return self.params["h"]

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

    def carried(self, dh: Array) -> Array:
        """What comes back from the step behind."""
        return dh

    def kept(self, dh: Array, z: Array) -> Array:
        """What goes back into the state before past all sums."""
        return np.asarray(dh * (1 - z))

    def reset(self, through: Array, r: Array) -> Array:
        """What goes back into the state before by the candidate."""
        return np.asarray(through * r)

    def add(self, name: str, gradient: Array) -> None:
        """A step's part of a weight's gradient."""
        self.grads[name] = self.grads[name] + gradient


class GRUFromZero(GatedUnits):
    """All states of a sequence, from a state of zeros."""

    def __init__(self, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> None:
        super().__init__(Wx, Wh, b, ())

    def start(self, samples: int) -> Array:
        """Zeros, (N, H)."""
        return np.zeros((samples, self.nodes))


class GRUCell(GatedUnits):
    """One step, of x (N, D) and a state h (N, H)."""

    def forward(self, x: ArrayLike) -> Array:
        """(N, D) -> (N, H)."""
        return np.asarray(super().forward(as_float(x)[:, None])[:, 0])

    def backward(self, dy: ArrayLike) -> Array:
        """(N, H) -> (N, D); sets grads Wx, Wh, b and h."""
        return np.asarray(super().backward(as_float(dy)[:, None])[:, 0])
