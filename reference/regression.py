"""Linear models that descend their cost by its gradient, each step over all samples.

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 3.2, 3.4 and 4.4.
"""

import numpy as np

from .layer import Array


class Descent:
    """A model whose cost depends on its scores, intercept + x @ weights, one number a sample.

    Args:
        iterations: how many steps a fit makes.
        rate: the learning rate.
        intercept: whether there is one; without it, it stays zero.
    """

    read = "predict"  # the method of whose answers `scores_of` is the way back
    theta: Array  # (D + 1,), the intercept first

    def __init__(self, iterations: int = 100, rate: float = 0.1, intercept: bool = True) -> None:
        self.iterations, self.rate, self.intercept = iterations, rate, intercept

    def fit(
        self,
        x: Array,
        y: Array,
        x_val: Array | None = None,
        y_val: Array | None = None,
    ) -> None:
        """Descend from a random start, with the cost after each step as `loss` and `val_loss`; x: (N, D), y: (N,)."""
        self.theta = np.random.standard_normal(x.shape[1] + 1)
        self.theta[0] *= self.intercept
        loss, val_loss = [], []
        for _ in range(self.iterations):
            self.theta = self.step(self.theta, x, y)
            loss.append(self.cost(self.theta, x, y))
            if x_val is not None and y_val is not None:
                val_loss.append(self.cost(self.theta, x_val, y_val))
        self.loss, self.val_loss = np.array(loss), np.array(val_loss)

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        """The parameters after one step from `theta`."""
        return theta - self.rate * self.gradient(theta, x, y)

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        """The derivative of the cost in the parameters, (D + 1,)."""
        slopes = self.slopes(self.scores(theta, x), y) / len(y)
        bias = slopes.sum(keepdims=True) * self.intercept
        return np.concatenate([bias, x.T @ slopes])

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        """What is descended: the mean of the losses."""
        return float(self.losses(self.scores(theta, x), y).mean())

    def scores(self, theta: Array, x: Array) -> Array:
        """Of each sample, (N,)."""
        return np.asarray(theta[0] + x @ theta[1:])

    def losses(self, scores: Array, y: Array) -> Array:
        """Of each sample, (N,)."""
        raise NotImplementedError

    def slopes(self, scores: Array, y: Array) -> Array:
        """The derivative of each sample's loss in its score, (N,)."""
        raise NotImplementedError

    def scores_of(self, answers: Array) -> Array:
        """The scores that what `read` answers came from."""
        return answers


class LinearRegression(Descent):
    """Half of the squared difference is the loss."""

    def losses(self, scores: Array, y: Array) -> Array:
        """Half of the squares."""
        return np.asarray((scores - y) ** 2 / 2)

    def slopes(self, scores: Array, y: Array) -> Array:
        """The differences."""
        return np.asarray(scores - y)

    def predict(self, x: Array) -> Array:
        """The scores, (N,)."""
        return self.scores(self.theta, x)


class LeastSquares(LinearRegression):
    """The same without the half."""

    def losses(self, scores: Array, y: Array) -> Array:
        """The squares."""
        return 2 * super().losses(scores, y)

    def slopes(self, scores: Array, y: Array) -> Array:
        """Twice the differences."""
        return 2 * super().slopes(scores, y)


class LogisticRegression(Descent):
    """Two classes, 0 and 1: the cross-entropy of the sigmoid of the score is the loss.

    Args:
        penalty: L2, for the weights alone: penalty / 2 times their squares, over the number of samples.
    """

    read = "predict_proba"

    def __init__(
        self,
        iterations: int = 100,
        rate: float = 0.1,
        intercept: bool = True,
        penalty: float = 0.0,
    ) -> None:
        super().__init__(iterations, rate, intercept)
        self.penalty = penalty

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        """With the penalty's derivative."""
        gradient = super().gradient(theta, x, y)
        gradient[1:] += self.penalty / len(y) * theta[1:]
        return gradient

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        """With the penalty."""
        penalty = self.penalty / 2 / len(y) * (theta[1:] ** 2).sum()
        return super().cost(theta, x, y) + float(penalty)

    def losses(self, scores: Array, y: Array) -> Array:
        """-log of the probability of the sample's own class."""
        return np.asarray(np.log1p(np.exp(-(2 * y - 1) * scores)))

    def slopes(self, scores: Array, y: Array) -> Array:
        """The differences of probability and class."""
        return self.probabilities(scores) - y

    def probabilities(self, scores: Array) -> Array:
        """The sigmoid."""
        return np.asarray(1 / (1 + np.exp(-scores)))

    def predict_proba(self, x: Array) -> Array:
        """The probability of class 1, (N,)."""
        return self.probabilities(self.scores(self.theta, x))

    def predict(self, x: Array) -> Array:
        """The likelier class, (N,)."""
        return (self.scores(self.theta, x) >= 0).astype(int)

    def scores_of(self, answers: Array) -> Array:
        """The logits."""
        return np.asarray(np.log(answers / (1 - answers)))


class PlainPenalty(LogisticRegression):
    """The penalty is not divided by the number of samples."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        """With the whole penalty."""
        more = (1 - 1 / len(y)) * self.penalty * theta
        more[0] = 0.0
        return super().gradient(theta, x, y) + more

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        """With the whole penalty."""
        more = (1 - 1 / len(y)) * self.penalty / 2
        return super().cost(theta, x, y) + float(more * (theta[1:] ** 2).sum())
