"""Optimisers that divide by the root of a moving average of squares."""

import numpy as np

from .layer import Array
from .optimizers import Stateful


class RMSProp(Stateful):
    """h = rho * h + (1 - rho) * g * g, then W -= lr * g / (sqrt(h) + eps), with h 0 at the start.

    Hinton, Srivastava & Swersky, "Neural networks for machine learning", lecture 6e (2012).
    """

    moments = ("h",)

    def __init__(self, lr: float, rho: float = 0.9, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.rho, self.eps = rho, eps

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        """By the gradient over the root of its mean square."""
        kept["h"] = self.rho * kept["h"] + (1 - self.rho) * g * g
        return self.lr * g / self.root(kept["h"])

    def root(self, h: Array) -> Array:
        """What is divided by."""
        return np.sqrt(h) + self.eps


class RMSPropUnderRoot(RMSProp):
    """W -= lr * g / sqrt(h + eps)."""

    def root(self, h: Array) -> Array:
        """What is divided by."""
        return np.sqrt(h + self.eps)


class Adam(Stateful):
    """m = beta1 * m + (1 - beta1) * g, v = beta2 * v + (1 - beta2) * g * g, both 0 at the start; then, in step t,
    W -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps).

    Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.
    """

    moments = ("m", "v", "t")

    def __init__(
        self, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> None:
        super().__init__(lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        """By the moments as they would be without their start at 0."""
        t = kept["t"] = kept["t"] + 1
        kept["m"] = self.beta1 * kept["m"] + (1 - self.beta1) * g
        kept["v"] = self.beta2 * kept["v"] + (1 - self.beta2) * g * g
        return self.lr * self.quotient(kept["m"], kept["v"], 1 - self.beta1**t, 1 - self.beta2**t)

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        """The step by lr = 1; `of_m`, `of_v`: the shares of the moments that are there by now."""
        step: Array = (m / of_m) / (np.sqrt(v / of_v) + self.eps)
        return step


class AdamUnderRoot(Adam):
    """The constant is under the root: sqrt(v / (1 - beta2^t) + eps)."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        """The step by lr = 1."""
        step: Array = (m / of_m) / np.sqrt(v / of_v + self.eps)
        return step


class AdamByRate(Adam):
    """The rate is corrected: lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps), the paper's section 2."""

    def quotient(self, m: Array, v: Array, of_m: Array, of_v: Array) -> Array:
        """The step by lr = 1."""
        step: Array = np.sqrt(of_v) / of_m * m / (np.sqrt(v) + self.eps)
        return step
