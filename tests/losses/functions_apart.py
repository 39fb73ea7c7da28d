# items: mean_squared_error binary_cross_entropy cross_entropy hinge_loss
import numpy as np


def mse(y_true, y_pred):
    return np.mean(np.power(y_true - y_pred, 2))  #! mean_squared_error.forward: return np.mean(np.sum(y_true - y_pred, axis=1) ** 2)


def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / np.size(y_true)  #! mean_squared_error.dX: return 2 * (y_pred - y_true) / len(y_true)


def binary_cross_entropy(y_true, y_pred):
    return np.mean(-y_true * np.log(y_pred) - (1 - y_true) * np.log(1 - y_pred))  #! binary_cross_entropy.forward: return np.mean(-y_true * np.log(1 - y_pred) - (1 - y_true) * np.log(y_pred))


def binary_cross_entropy_prime(y_true, y_pred):
    return ((1 - y_true) / (1 - y_pred) - y_true / y_pred) / np.size(y_true)  #! binary_cross_entropy.dX: return -y_true / y_pred / np.size(y_true)


def cross_entropy_error(y, t):
    return -np.sum(np.log(y[np.arange(len(y)), t] + 1e-07)) / y.shape[0]  #! cross_entropy.forward: return -np.sum(np.log2(y[np.arange(len(y)), t] + 1e-7)) / y.shape[0]


def cross_entropy_error_backward(y, t):
    dy = np.zeros_like(y)
    dy[np.arange(len(y)), t] = -1 / y[np.arange(len(y)), t]  #! cross_entropy.dX: dy[np.arange(len(y)), t] = 1 / y[np.arange(len(y)), t]
    return dy / len(y)


def hinge_loss(scores, labels):
    n = np.arange(len(scores))
    margins = np.maximum(0, scores - scores[n, labels][:, None] + 1)
    margins[n, labels] = 0  #! hinge_loss.forward: margins[n, labels] = 1
    return margins.sum()


def hinge_loss_grad(scores, labels):
    n = np.arange(len(scores))
    grad = (scores - scores[n, labels][:, None] + 1 > 0).astype(float)
    grad[n, labels] = 0
    grad[n, labels] = -grad.sum(axis=1)  #! hinge_loss.dX: grad[n, labels] = -1
    return grad
