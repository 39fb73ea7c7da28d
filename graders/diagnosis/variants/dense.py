"""FC as students get it wrong; x is (N, I), W (I, O), dy (N, O)."""

import numpy as np

from reference import FC


class DbOneMean(FC):
    """dB is one number: the mean over the batch and over the nodes."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = np.full_like(self.params["b"], np.average(dy))
        return dx


class DbOneSum(FC):
    """dB is one number: the sum over the batch and over the nodes."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = np.full_like(self.params["b"], np.sum(dy))
        return dx


class DbPerSample(FC):
    """dB is summed over the nodes: one number a sample."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = np.asarray(dy).sum(1)
        return dx


class DbLastSample(FC):
    """dB is the gradient of the last sample only."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = np.array(dy[-1])
        return dx


class DwMeanTwice(FC):
    """dW is divided by the batch size twice."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["W"] = self.grads["W"] / len(dy) ** 2
        return dx


class DwAccumulates(FC):
    """dW is made once and only added to: a second backward includes the first."""

    def backward(self, dy):
        dx = super().backward(dy)
        self._kept = self.grads["W"] + getattr(self, "_kept", 0)
        self.grads["W"] = self._kept
        return dx


class DwWithoutGradient(FC):
    """dW adds up the inputs and leaves the gradient from behind out."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["W"] = self._x.T @ np.ones_like(dy)
        return dx


class DwLastSample(FC):
    """dW is that of the last sample only."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["W"] = np.outer(self._x[-1], dy[-1])
        return dx


class DxWithoutWeights(FC):
    """dX adds up the gradient from behind and leaves W out."""

    def backward(self, dy):
        dx = super().backward(dy)
        return np.broadcast_to(np.asarray(dy).sum(1, keepdims=True), dx.shape).copy()


class DxOfUpdatedWeights(FC):
    """dX is computed with weights that were already updated (learning rate 0.125)."""

    def backward(self, dy):
        super().backward(dy)
        return np.asarray(dy) @ (self.params["W"] - 0.125 * self.grads["W"]).T


class BiasLeftOut(FC):
    """Forward does not add the bias."""

    def forward(self, x):
        return super().forward(x) - self.params["b"]
