"""Linear and logistic regression with one mistake each."""

import numpy as np

from .layer import Array
from .regression import LinearRegression, LogisticRegression


class SumNotMean(LinearRegression):
    """The gradient is not divided by the number of samples."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        return len(y) * super().gradient(theta, x, y)


class Upwards(LinearRegression):
    """The gradient is added."""

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        return theta + self.rate * self.gradient(theta, x, y)


class ByFeatures(LinearRegression):
    """Divided by the number of features in the place of the samples."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        return np.asarray(len(y) / x.shape[1] * super().gradient(theta, x, y))


class Squashed(LinearRegression):
    """One derivative, the mean of all, for every weight."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[1:] = full[1:].mean()
        return full


class InterceptLeft(LinearRegression):
    """The intercept is never moved."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[0] = 0.0
        return full


class Rateless(LinearRegression):
    """The rate is left out."""

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        return theta - self.gradient(theta, x, y)


class MovedInTurn(LinearRegression):
    """The intercept is moved first, and the weights by what it is then."""

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        first = theta - self.rate * self.gradient(theta, x, y)
        between = np.concatenate([first[:1], theta[1:]])
        second = between - self.rate * self.gradient(between, x, y)
        return np.concatenate([first[:1], second[1:]])


class WithoutIntercept(LinearRegression):
    """predict leaves the intercept out."""

    def predict(self, x: Array) -> Array:
        return np.asarray(x @ self.theta[1:])


class Rooted(LinearRegression):
    """The root of the mean square is kept."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        return float(np.sqrt(2 * super().cost(theta, x, y)))


class Summed(LinearRegression):
    """The sum of the squares is kept."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        return 2 * len(y) * super().cost(theta, x, y)


class Absolute(LinearRegression):
    """Absolute differences are kept."""

    def losses(self, scores: Array, y: Array) -> Array:
        return np.asarray(np.abs(scores - y))


class TimesSamples(LinearRegression):
    """Multiplied by the number of samples where it should be divided: 1 / 2 * m."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        return len(y) * super().cost(theta, x, y)


# -- logistic -----------------------------------------------------------------------------------


class LogisticSum(LogisticRegression):
    """The gradient is not divided by the number of samples."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        return len(y) * super().gradient(theta, x, y)


class LogisticUpwards(LogisticRegression):
    """The gradient is added."""

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        return theta + self.rate * self.gradient(theta, x, y)


class SquaredError(LogisticRegression):
    """The derivative of the sigmoid stays in, as the squared error has it."""

    def slopes(self, scores: Array, y: Array) -> Array:
        p = self.probabilities(scores)
        return np.asarray((p - y) * p * (1 - p))


class Linear(LogisticRegression):
    """The gradient goes by the scores, without the sigmoid."""

    def slopes(self, scores: Array, y: Array) -> Array:
        return scores - y


class AbsoluteSlopes(LogisticRegression):
    """The differences lose their sign."""

    def slopes(self, scores: Array, y: Array) -> Array:
        return np.asarray(np.abs(super().slopes(scores, y)))


class LabelsForgotten(LogisticRegression):
    """The labels are not subtracted."""

    def slopes(self, scores: Array, y: Array) -> Array:
        return self.probabilities(scores)


class PenaltyOnAll(LogisticRegression):
    """The intercept is penalised, too."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[0] += self.penalty / len(y) * theta[0] * self.intercept
        return full


class PenaltySubtracted(LogisticRegression):
    """The penalty has the wrong sign."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[1:] -= 2 * self.penalty / len(y) * theta[1:]
        return full


class PenaltyLeft(LogisticRegression):
    """The gradient has no penalty."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[1:] -= self.penalty / len(y) * theta[1:]
        return full


class PenaltyConstant(LogisticRegression):
    """The penalty is added as a number, without the weight."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[1:] += self.penalty / len(y) * (1 - theta[1:])
        return full


class PenaltyDoubled(LogisticRegression):
    """The 2 of the square's derivative stays, beside the half of the cost."""

    def gradient(self, theta: Array, x: Array, y: Array) -> Array:
        full = super().gradient(theta, x, y)
        full[1:] += self.penalty / len(y) * theta[1:]
        return full


class OtherClass(LogisticRegression):
    """The class that is less likely is predicted."""

    def predict(self, x: Array) -> Array:
        return 1 - super().predict(x)


class ZeroThreshold(LogisticRegression):
    """Probabilities are compared with 0, so that all are of class 1."""

    def predict(self, x: Array) -> Array:
        return np.ones(len(x), dtype=int)


class ScoresAtHalf(LogisticRegression):
    """Scores are compared with 0.5."""

    def predict(self, x: Array) -> Array:
        return (self.scores(self.theta, x) >= 0.5).astype(int)


class ScoresAsProbabilities(LogisticRegression):
    """The scores come back in the place of probabilities."""

    def predict_proba(self, x: Array) -> Array:
        return self.scores(self.theta, x)


class OfClassZero(LogisticRegression):
    """The probability of class 0."""

    def predict_proba(self, x: Array) -> Array:
        return 1 - super().predict_proba(x)


class PositiveTermAlone(LogisticRegression):
    """Only the samples of class 1 count in the loss."""

    def losses(self, scores: Array, y: Array) -> Array:
        return y * super().losses(scores, y)


class LossWithoutPenalty(LogisticRegression):
    """The loss that is kept has no penalty."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        return float(self.losses(self.scores(theta, x), y).mean())


class LogisticSummed(LogisticRegression):
    """The sum of the losses is kept."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        return len(y) * super().cost(theta, x, y)


class LossPenaltyOnAll(LogisticRegression):
    """The penalty of the loss that is kept has the intercept in it."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        return super().cost(theta, x, y) + self.penalty / 2 / len(y) * float(theta[0] ** 2)


class LossPenaltyFixed(LogisticRegression):
    """The penalty of the loss that is kept does not depend on lambda."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        loss = self.losses(self.scores(theta, x), y).mean()
        return float(loss + (theta[1:] ** 2).sum() / 2 / len(y))


class LossPenaltyMean(LogisticRegression):
    """The loss that is kept has the mean of the squares, without the number of samples."""

    def cost(self, theta: Array, x: Array, y: Array) -> float:
        loss = self.losses(self.scores(theta, x), y).mean()
        return float(loss + self.penalty / 2 * (theta[1:] ** 2).mean())


class PenaltyRateless(LogisticRegression):
    """The penalty is subtracted without the learning rate."""

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        moved = super().step(theta, x, y)
        moved[1:] -= (1 - self.rate) * self.penalty / len(y) * theta[1:]
        return moved


class PenaltyOfMoved(LogisticRegression):
    """The penalty goes by the weights that the step has moved already."""

    def step(self, theta: Array, x: Array, y: Array) -> Array:
        moved = super().step(theta, x, y)
        shrink = self.rate * self.penalty / len(y)
        moved[1:] += shrink * theta[1:]
        moved[1:] *= 1 - shrink
        return moved
