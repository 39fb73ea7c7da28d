# items: cross_entropy mean_squared_error
import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        self.y = e / np.sum(e, axis=-1, keepdims=True)
        self.loss = -np.sum(np.log(self.y[np.arange(len(x)), t] + 1e-07)) / len(x)  #! cross_entropy.forward: self.loss = -np.sum(self.y[np.arange(len(x)), t]) / len(x)
        return self.loss

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1  #! cross_entropy.dX: dx[np.arange(len(dx)), self.t] += 1
        return dx * dout / len(dx)


class MeanSquaredError:
    def forward(self, prediction, target):
        self.prediction, self.target = prediction, target
        return np.sum(np.power(prediction - target, 2)) / (2 * prediction.shape[0])  #! mean_squared_error.forward: return np.sum(np.power(prediction + target, 2)) / (2 * prediction.shape[0])

    def backward(self):
        return (self.prediction - self.target) / self.prediction.shape[0]  #! mean_squared_error.dX: return (self.prediction - self.target) / self.prediction.shape[0] ** 2
