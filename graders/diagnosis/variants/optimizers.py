"""Optimisers as students get them wrong; layer.params and layer.grads hold the arrays.

The gradients are sums over the batch, whose size is that of the layer's latest input.
"""

import numpy as np

from reference import SGD, AdaGrad


class SgdUphill(SGD):
    """The step is added: it goes up the gradient."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name] += self.lr * g


class SgdMeanTwice(SGD):
    """The gradient is divided by the batch size twice."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name] -= self.lr * g / len(layer._x) ** 2


class SgdNoRate(SGD):
    """The learning rate is left out."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name] -= g


class SgdRateTwice(SGD):
    """The learning rate is multiplied twice."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name] -= self.lr * self.lr * g


class SgdWeightsOnly(SGD):
    """The bias is not updated."""

    def update(self, layer):
        layer.params["W"] -= self.lr * layer.grads["W"]


class SgdReplaces(SGD):
    """The weights are replaced by the step instead of moved by it."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name][...] = self.lr * g


class SgdScalarBias(SGD):
    """The bias moves by one mean over batch and nodes."""

    def update(self, layer):
        layer.params["W"] -= self.lr * layer.grads["W"]
        b = layer.params["b"]
        b -= self.lr * np.sum(layer.grads["b"]) / (len(layer._x) * b.size)


class _Rooted(AdaGrad):
    """AdaGrad's divisor, with its small constant where the form has it."""

    def root(self, H):
        return np.sqrt(H + self._under) + self.eps


class AdagradFromOne(_Rooted):
    """H starts at 1."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        for name, g in layer.grads.items():
            H = state.setdefault(name, np.ones_like(g))
            H += g * g
            layer.params[name] -= self.lr * g / self.root(H)


class AdagradDivided(_Rooted):
    """The step is divided by the batch size, though H holds the gradient undivided."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        for name, g in layer.grads.items():
            H = state.setdefault(name, np.zeros_like(g))
            H += g * g
            layer.params[name] -= self.lr * g / self.root(H) / len(layer._x)


class AdagradMultiplied(_Rooted):
    """H holds the mean gradient, but the step uses the sum."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        for name, g in layer.grads.items():
            H = state.setdefault(name, np.zeros_like(g))
            H += (g / len(layer._x)) ** 2
            layer.params[name] -= self.lr * g / self.root(H)


class AdagradPlainBias(_Rooted):
    """The bias takes a plain SGD step, without H."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        g = layer.grads["W"]
        H = state.setdefault("W", np.zeros_like(g))
        H += g * g
        layer.params["W"] -= self.lr * g / self.root(H)
        layer.params["b"] -= self.lr * layer.grads["b"]


class AdagradPlain(_Rooted):
    """A plain SGD step, without H."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name] -= self.lr * g


class AdagradOverwritten(_Rooted):
    """H is overwritten by the latest square: every step is lr times a sign."""

    def update(self, layer):
        for name, g in layer.grads.items():
            layer.params[name] -= self.lr * g / self.root(g * g)


class AdagradBiasOverwritten(_Rooted):
    """The bias's H is overwritten by the latest square."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        g, db = layer.grads["W"], layer.grads["b"]
        H = state.setdefault("W", np.zeros_like(g))
        H += g * g
        layer.params["W"] -= self.lr * g / self.root(H)
        layer.params["b"] -= self.lr * db / self.root(db * db)


class AdagradScalarSum(_Rooted):
    """H is one number: the sum of all squares."""

    start = 0.0

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        for name, g in layer.grads.items():
            state[name] = state.get(name, self.start) + self.added(g)
            layer.params[name] -= self.lr * g / self.root(state[name])

    def added(self, g):
        return np.sum(g * g)


class AdagradScalarMeanOfSquares(AdagradScalarSum):
    """H is one number: the mean of the squares is added to it."""

    def added(self, g):
        return np.mean(g * g)


class AdagradScalarMeanFromZero(AdagradScalarSum):
    """H is one number: the square of the mean gradient is added to it."""

    def added(self, g):
        return np.mean(g) ** 2


class AdagradScalarMean(AdagradScalarMeanFromZero):
    """The same from 1."""

    start = 1.0


class AdagradNoRoot(_Rooted):
    """Divided by H instead of its root."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        for name, g in layer.grads.items():
            H = state.setdefault(name, np.zeros_like(g))
            H += g * g
            layer.params[name] -= self.lr * g / H


class AdagradUphill(_Rooted):
    """The step is added: it goes up the gradient."""

    def update(self, layer):
        state = self._state.setdefault(layer, {})
        for name, g in layer.grads.items():
            H = state.setdefault(name, np.zeros_like(g))
            H += g * g
            layer.params[name] += self.lr * g / self.root(H)
