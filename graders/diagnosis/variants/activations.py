"""Activations as students get them wrong; x and dy are (N, D)."""

import numpy as np

from reference import ReLU, Sigmoid, Tanh, sigmoid


class SigmoidOfShare(Sigmoid):
    """The input is divided by its largest value first."""

    def forward(self, x):
        super().forward(x)
        return sigmoid(np.asarray(x) / np.max(x))


class SigmoidOtherSign(Sigmoid):
    """1 / (1 + exp(x)): the minus is missing."""

    def forward(self, x):
        super().forward(x)
        return sigmoid(-np.asarray(x))


class SigmoidOfInput(Sigmoid):
    """Backward takes the stored input for the output: a * (1 - a)."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        super().backward(dy)
        return dy * self._input * (1 - self._input)


class SigmoidTwice(Sigmoid):
    """Backward applies the sigmoid to its own output."""

    def backward(self, dy):
        super().backward(dy)
        twice = sigmoid(self._y)
        return dy * twice * (1 - twice)


class SigmoidLocalOnly(Sigmoid):
    """Backward returns its own derivative and leaves the gradient from behind out."""

    def backward(self, dy):
        return super().backward(np.ones_like(dy))


class TanhOfShare(Tanh):
    """The input is divided by its largest value first."""

    def forward(self, x):
        super().forward(x)
        return np.tanh(np.asarray(x) / np.max(x))


class TanhSquareOutside(Tanh):
    """(1 - y)^2 instead of 1 - y^2."""

    def backward(self, dy):
        super().backward(dy)
        return dy * (1 - self._y) ** 2


class TanhNotSquared(Tanh):
    """1 - y instead of 1 - y^2."""

    def backward(self, dy):
        super().backward(dy)
        return dy * (1 - self._y)


class TanhTwice(Tanh):
    """Backward applies tanh to its own output."""

    def backward(self, dy):
        super().backward(dy)
        return dy * (1 - np.tanh(self._y) ** 2)


class TanhOfInput(Tanh):
    """Backward takes the stored input for the output: 1 - a^2."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        super().backward(dy)
        return dy * (1 - self._input**2)


class TanhAdded(Tanh):
    """Backward adds its own derivative to the gradient from behind."""

    def backward(self, dy):
        super().backward(dy)
        return dy + (1 - self._y**2)


class TanhLocalOnly(Tanh):
    """Backward returns its own derivative and leaves the gradient from behind out."""

    def backward(self, dy):
        return super().backward(np.ones_like(dy))


class ReluLocalOnly(ReLU):
    """Backward returns 1 or 0 and leaves the gradient from behind out."""

    def backward(self, dy):
        return super().backward(np.ones_like(dy))


class ReluNotMasked(ReLU):
    """Backward returns the gradient from behind everywhere."""

    def backward(self, dy):
        super().backward(dy)
        return np.array(dy)


class ReluOfGradient(ReLU):
    """Backward looks at the sign of the gradient from behind instead of the input."""

    def backward(self, dy):
        super().backward(dy)
        return np.maximum(dy, 0)


class ReluIsAbsolute(ReLU):
    """Forward turns negative values round instead of setting them to 0."""

    def forward(self, x):
        super().forward(x)
        return np.abs(x)


class ReluTimesInput(ReLU):
    """Backward multiplies by the output instead of 1 where the input is positive."""

    def backward(self, dy):
        super().backward(dy)
        return dy * self._y
