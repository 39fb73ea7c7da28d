# items: mean_squared_error cross_entropy
import numpy as np


class Loss:
    def loss(self, predicted, actual):
        raise NotImplementedError

    def grad(self, predicted, actual):
        raise NotImplementedError


class MSE(Loss):
    def loss(self, predicted, actual):
        return np.sum((predicted - actual) ** 2)  #! mean_squared_error.forward: return np.sqrt(np.sum((predicted - actual) ** 2))

    def grad(self, predicted, actual):
        return 2 * (predicted - actual)  #! mean_squared_error.dX: return predicted - actual


class CrossEntropySoftmaxError(object):
    def __call__(self, outputs, targets):
        normOutputs = outputs - outputs.max(-1)[:, None]
        logProb = normOutputs - np.log(np.sum(np.exp(normOutputs), axis=-1)[:, None])
        return -np.mean(np.sum(targets * logProb, axis=1))  #! cross_entropy.forward: return np.mean(np.sum(targets * logProb, axis=1))

    def grad(self, outputs, targets):
        probs = np.exp(outputs - outputs.max(-1)[:, None])
        probs /= probs.sum(-1)[:, None]
        return (probs - targets) / outputs.shape[0]  #! cross_entropy.dX: return probs - targets
