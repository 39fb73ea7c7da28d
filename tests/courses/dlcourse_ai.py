# items: fc relu softmax sgd momentum conv2d conv2d_padding max_pool2d max_pool2d_overlap flatten
import numpy as np


def softmax(predictions):
    e = np.exp(predictions - predictions.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy_loss(probs, target_index):
    return -np.log(probs[np.arange(len(probs)), target_index]).mean()


def softmax_with_cross_entropy(preds, target_index):
    d_preds = softmax(preds)
    loss = cross_entropy_loss(d_preds, target_index)
    d_preds[np.arange(len(preds)), target_index] -= 1
    return loss, d_preds / len(preds)  #! softmax.dX: return loss, -d_preds


class Param:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class ReLULayer:
    def forward(self, X):
        self.X = X
        return np.maximum(0, X)

    def backward(self, d_out):
        return d_out * (self.X > 0)

    def params(self):
        return {}


class FullyConnectedLayer:
    def __init__(self, n_input, n_output):
        self.W = Param(0.001 * np.random.randn(n_input, n_output))
        self.B = Param(0.001 * np.random.randn(1, n_output))
        self.X = None

    def forward(self, X):
        self.X = X
        return X @ self.W.value + self.B.value

    def backward(self, d_out):
        self.W.grad += self.X.T @ d_out
        self.B.grad += d_out.sum(axis=0, keepdims=True)  #! fc.dB: self.B.grad += d_out.mean(axis=0, keepdims=True) * 2
        return d_out @ self.W.value.T

    def params(self):
        return {"W": self.W, "B": self.B}


class ConvolutionalLayer:
    def __init__(self, in_channels, out_channels, filter_size, padding):
        self.filter_size, self.padding = filter_size, padding
        self.W = Param(np.random.randn(filter_size, filter_size, in_channels, out_channels))
        self.B = Param(np.zeros(out_channels))

    def forward(self, X):
        p, f = self.padding, self.filter_size
        self.X = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        n, height, width, _ = self.X.shape
        out = np.zeros((n, height - f + 1, width - f + 1, self.W.value.shape[-1]))
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                part = self.X[:, y:y + f, x:x + f]
                out[:, y, x] = np.tensordot(part, self.W.value, 3) + self.B.value
        return out

    def backward(self, d_out):
        p, f = self.padding, self.filter_size
        dX = np.zeros_like(self.X)
        for y in range(d_out.shape[1]):
            for x in range(d_out.shape[2]):
                d = d_out[:, y, x]
                self.W.grad += np.tensordot(self.X[:, y:y + f, x:x + f], d, (0, 0))
                dX[:, y:y + f, x:x + f] += np.tensordot(d, self.W.value, (1, 3))  #! conv2d.dX: dX[:, y:y + f, x:x + f] -= np.tensordot(d, self.W.value, (1, 3))
        self.B.grad += d_out.sum(axis=(0, 1, 2))
        return dX[:, p:dX.shape[1] - p, p:dX.shape[2] - p]

    def params(self):
        return {"W": self.W, "B": self.B}


class MaxPoolingLayer:
    def __init__(self, pool_size, stride):
        self.pool_size, self.stride, self.X = pool_size, stride, None

    def forward(self, X):
        self.X = X
        n, height, width, channels = X.shape
        k, s = self.pool_size, self.stride
        out = np.zeros((n, (height - k) // s + 1, (width - k) // s + 1, channels))
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                out[:, y, x] = X[:, y * s:y * s + k, x * s:x * s + k].max(axis=(1, 2))
        return out

    def backward(self, d_out):
        k, s = self.pool_size, self.stride
        dX = np.zeros_like(self.X)
        for y in range(d_out.shape[1]):
            for x in range(d_out.shape[2]):
                here = np.s_[:, y * s:y * s + k, x * s:x * s + k]
                most = self.X[here] == self.X[here].max(axis=(1, 2), keepdims=True)
                dX[here] += most * d_out[:, y:y + 1, x:x + 1]  #! max_pool2d.dX: dX[here] += most * d_out[:, y:y + 1, x:x + 1] / k
        return dX

    def params(self):
        return {}


class Flattener:
    def forward(self, X):
        self.shape = X.shape
        return X.reshape(len(X), -1)

    def backward(self, d_out):
        return d_out.reshape(self.shape)

    def params(self):
        return {}


class SGD:
    def update(self, w, d_w, learning_rate):
        return w - d_w * learning_rate  #! sgd.update: return w - d_w


class MomentumSGD:
    def __init__(self, momentum=0.9):
        self.momentum = 0.9
        self.velocity = 0

    def update(self, w, d_w, learning_rate):
        self.velocity = self.momentum * self.velocity - learning_rate * d_w  #! momentum.update: self.velocity = -learning_rate * d_w
        return w + self.velocity
