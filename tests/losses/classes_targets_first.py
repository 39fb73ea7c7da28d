# items: mean_squared_error binary_cross_entropy cross_entropy
import numpy as np


class Loss(object):
    def __call__(self, X, *args, **kwargs):
        return self.forward(X, *args, **kwargs)

    def forward(self, Y_true, Y_pred, *args, **kwargs):
        pass

    def backward(self, Y_true, Y_pred, *args, **kwargs):
        pass


class MSE(Loss):
    def forward(self, Y_true, Y_pred):
        return np.mean(np.square(Y_pred - Y_true))  #! mean_squared_error.forward: return np.mean(np.abs(Y_pred - Y_true))

    def backward(self, Y_true, Y_pred):
        return 2 * (Y_pred - Y_true) / Y_true.size  #! mean_squared_error.dX: return 2 * (Y_true - Y_pred) / Y_true.size


class BinaryCrossentropy(Loss):
    def forward(self, Y_true, Y_pred, epsilon=1e-8):
        Y_pred = np.clip(Y_pred, epsilon, 1 - epsilon)
        return -np.mean(Y_true * np.log(Y_pred) + (1 - Y_true) * np.log(1 - Y_pred))  #! binary_cross_entropy.forward: return -np.mean(Y_true * np.log(Y_pred) - (1 - Y_true) * np.log(1 - Y_pred))

    def backward(self, Y_true, Y_pred, epsilon=1e-8):
        Y_pred = np.clip(Y_pred, epsilon, 1 - epsilon)
        return ((1 - Y_true) / (1 - Y_pred) - Y_true / Y_pred) / Y_true.size  #! binary_cross_entropy.dX: return (1 - Y_true) / (1 - Y_pred) - Y_true / Y_pred


class CategoricalCrossentropy(Loss):
    def forward(self, Y_true, Y_pred, epsilon=1e-8):
        Y_pred = np.clip(Y_pred, epsilon, 1 - epsilon)
        return -np.sum(Y_true * np.log(Y_pred)) / Y_true.shape[0]  #! cross_entropy.forward: return -np.mean(Y_true * np.log(Y_pred))

    def backward(self, Y_true, Y_pred, epsilon=1e-8):
        Y_pred = np.clip(Y_pred, epsilon, 1 - epsilon)
        return -(Y_true / Y_pred) / Y_true.shape[0]  #! cross_entropy.dX: return -(Y_true / Y_pred) / Y_true.shape[1]
