"""Optimisers with a momentum or moments as students get them wrong; specs name them."""

import numpy as np

from .adaptive import Adam, RMSProp
from .layer import Array
from .momentum import Momentum, Nesterov


class VelocityForgotten(Momentum):
    """The velocity is not kept from step to step."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return self.lr * g


class VelocityReplaced(Momentum):
    """The velocity is the gradient alone, times the momentum."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return self.lr * self.momentum * g


class VelocityAgainst(Momentum):
    """The velocity has the wrong sign beside the gradient."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept["v"] = g - self.momentum * kept["v"]
        return self.lr * kept["v"]


class VelocityUphill(Momentum):
    """The step goes up the gradient."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return -super().step(g, kept)


class VelocityLate(Momentum):
    """The step is made by the velocity of the step before, and the gradient beside it."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        before = kept["v"]
        kept["v"] = self.momentum * before + g
        return self.lr * before


class VelocityRateTwice(Momentum):
    """The learning rate is in the velocity and in the step."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return self.lr * super().step(g, kept)


class NesterovPlain(Nesterov):
    """Plain momentum, which does not look ahead."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept["v"] = self.momentum * kept["v"] + g
        return self.lr * kept["v"]


class NesterovForgotten(Nesterov):
    """The velocity is not kept."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return self.lr * g


class NesterovTooFar(Nesterov):
    """The velocity is changed before it is used as the old one."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept["v"] = self.momentum * kept["v"] + g
        return self.lr * (self.momentum**2 * kept["v"] + (1 + self.momentum) * g)


class NesterovUphill(Nesterov):
    """The step goes up the gradient."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return -super().step(g, kept)


class SquaresAdded(RMSProp):
    """The squares are added up, as by AdaGrad."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept["h"] = kept["h"] + g * g
        return self.lr * g / self.root(kept["h"])


class SquaresForgotten(RMSProp):
    """The mean square is not kept from step to step."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return self.lr * g / self.root((1 - self.rho) * g * g)


class NotSquared(RMSProp):
    """The mean of the gradients' sizes, which are not squared."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept["h"] = self.rho * kept["h"] + (1 - self.rho) * np.abs(g)
        return self.lr * g / self.root(kept["h"])


class SharesSwapped(RMSProp):
    """rho and 1 - rho have changed places."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept["h"] = (1 - self.rho) * kept["h"] + self.rho * g * g
        return self.lr * g / self.root(kept["h"])


class NoRootOfSquares(RMSProp):
    """Divided by the mean square instead of its root."""

    def root(self, h: Array) -> Array:
        return h + self.eps


class SquaresUphill(RMSProp):
    """The step goes up the gradient."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return -super().step(g, kept)


class NoCorrection(Adam):
    """The moments are used as they are, without the correction of their start at 0."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        return m / (np.sqrt(v) + self.eps)


class FirstCorrectedAlone(Adam):
    """The second moment is not corrected."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        return (m / of_m) / (np.sqrt(v) + self.eps)


class CounterStays(Adam):
    """The step counter is not advanced: each step is corrected as the first."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        return super().quotient(m, v, np.array(1 - self.beta1), np.array(1 - self.beta2))


class CounterFromTwo(Adam):
    """The step counter is one too far."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        further_m, further_v = 1 - self.beta1 * (1 - of_m), 1 - self.beta2 * (1 - of_v)
        return super().quotient(m, v, further_m, further_v)


class CounterOfEachArray(Adam):
    """One counter for all arrays, advanced by each of them."""

    def __init__(
        self, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> None:
        super().__init__(lr, beta1, beta2, eps)
        self.t = 0

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        self.t += 1
        kept["t"] = np.full_like(kept["t"], self.t - 1)
        return super().step(g, kept)


class SecondNotSquared(Adam):
    """The second moment takes the gradient, which is not squared: its size, since a root is taken."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        t = kept["t"] = kept["t"] + 1
        kept["m"] = self.beta1 * kept["m"] + (1 - self.beta1) * g
        kept["v"] = self.beta2 * kept["v"] + (1 - self.beta2) * self.second(g)
        return self.lr * self.quotient(kept["m"], kept["v"], 1 - self.beta1**t, 1 - self.beta2**t)

    def second(self, g: Array) -> Array:
        return g


class SecondOfFirst(SecondNotSquared):
    """The second moment takes the square of the first moment, in the gradient's place."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        self.first = self.beta1 * kept["m"] + (1 - self.beta1) * g
        return super().step(g, kept)

    def second(self, g: Array) -> Array:
        return self.first * self.first


class NoRootOfSecond(Adam):
    """Divided by the second moment instead of its root."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        return (m / of_m) / (v / of_v + self.eps)


class MomentsForgotten(Adam):
    """The moments are not kept from step to step."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        kept.update(m=np.zeros_like(g), v=np.zeros_like(g))
        return super().step(g, kept)


class BetasSwapped(Adam):
    """beta1 and beta2 have changed places."""

    def __init__(
        self, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> None:
        super().__init__(lr, beta2, beta1, eps)


class AdamUphill(Adam):
    """The step goes up the gradient."""

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        return -super().step(g, kept)
