"""Optimisers that keep a velocity."""

from .layer import Array
from .optimizers import Stateful


class Momentum(Stateful):
    """v = momentum * v + g, then W -= lr * v, with v 0 at the start.

    Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); Sutskever et al., "On the
    importance of initialization and momentum in deep learning" (2013). Written as v = momentum * v - lr * g and
    W += v it takes the same steps, as long as the learning rate stays.
    """

    moments = ("v",)

    def __init__(self, lr: float, momentum: float = 0.9) -> None:
        super().__init__(lr)
        self.momentum = momentum

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        """By the velocity, which takes the gradient in first."""
        kept["v"] = self.momentum * kept["v"] + g
        return self.lr * kept["v"]


class AveragedMomentum(Momentum):
    """v = momentum * v + (1 - momentum) * g, then W -= lr * v: the velocity is a moving average.

    Ng, "Deep Learning Specialization", course 2, week 2; without a correction of the first steps.
    """

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        """By the moving average of the gradients."""
        return super().step((1 - self.momentum) * g, kept)


class Nesterov(Momentum):
    """v = momentum * v + g, then W -= lr * (g + momentum * v).

    Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)" (1983), in the
    form of Bengio, Boulanger-Lewandowski & Pascanu, "Advances in optimizing recurrent networks" (2012), eq. 7, whose
    gradient is taken where W is. With v_old and v = momentum * v_old - lr * g it is
    W += -momentum * v_old + (1 + momentum) * v.
    """

    def step(self, g: Array, kept: dict[str, Array]) -> Array:
        """By where the velocity leads next."""
        ahead = self.momentum * super().step(g, kept)
        return self.lr * g + ahead
