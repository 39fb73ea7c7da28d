"""1-D convolution sprint, as a module.

I keep the channels on the last axis:
    input    (batch, length, in channels)
    weights  (filter size, in channels, out channels)
"""
import numpy as np


# ---- Problem 1: a layer for a single channel --------------------------------

class SimpleConv1d:
    """w has shape (F,), b has shape (1,). One sample of shape (L,) at a time."""

    def __init__(self, w, b):
        self.params = {'W': w, 'b': b}
        self.grad = {}

    def forward_propagation(self, X):
        self.X = X
        W = self.params['W']
        out = np.zeros(len(X) - len(W) + 1) + self.params['b']
        for k, weight in enumerate(W):
            out = out + weight * X[k:k + len(out)]
        return out

    def back_propagation(self, dA):
        W = self.params['W']
        self.grad['b'] = np.array([dA.sum()])
        self.grad['W'] = np.array([np.dot(dA, self.X[k:k + len(dA)]) for k in range(len(W))])
        dX = np.zeros(len(self.X))
        for k, weight in enumerate(W):
            dX[k:k + len(dA)] += weight * dA
        return dX


# ---- Problem 4 (with 5, 6 and 7): channels, padding, batches, stride --------

class Conv1d:

    def __init__(self, W, b, padding=0, stride=1):
        self.params = {'W': W, 'b': b}
        self.padding = padding
        self.stride = stride
        self.grad = {}

    # ---- Problem 2: how long will the output be? ----
    @staticmethod
    def output_length(filter_size, n_in, stride, padding):
        return 1 + (n_in + 2 * padding - filter_size) // stride

    def _tap(self, k):
        """The part of the padded input that filter position k meets."""
        last = k + self.stride * (self.n_out - 1)
        return slice(k, last + 1, self.stride)

    def forward_propagation(self, X):
        W, b = self.params['W'], self.params['b']
        n_samples, length, _ = X.shape
        self.length = length
        self.n_out = self.output_length(W.shape[0], length, self.stride, self.padding)
        self.X_pad = np.pad(X, ((0, 0), (self.padding, self.padding), (0, 0)))

        out = np.zeros((n_samples, self.n_out, W.shape[2])) + b
        for k in range(W.shape[0]):
            out += self.X_pad[:, self._tap(k), :] @ W[k]
        return out

    def back_propagation(self, dA):
        W = self.params['W']
        dW = np.zeros(W.shape)
        dX_pad = np.zeros(self.X_pad.shape)
        for k in range(W.shape[0]):
            tap = self._tap(k)
            dW[k] = np.tensordot(self.X_pad[:, tap, :], dA, axes=([0, 1], [0, 1]))
            dX_pad[:, tap, :] += dA @ W[k].T
        self.grad['W'] = dW
        self.grad['b'] = dA.sum(axis=(0, 1))
        return dX_pad[:, self.padding:self.padding + self.length, :]


# ---- Problem 3: the small arrays --------------------------------------------

def small_experiment():
    layer = SimpleConv1d(np.array([3, 5, 7]), np.array([1]))
    print('a      ', layer.forward_propagation(np.array([1, 2, 3, 4])))
    print('delta_x', layer.back_propagation(np.array([10, 20])))
    print('delta_w', layer.grad['W'], 'delta_b', layer.grad['b'])

    x = np.array([[1, 2, 3, 4], [2, 3, 4, 5]])
    conv = Conv1d(np.ones((3, 2, 3)), np.array([1, 2, 3]))
    # the sheet has (channel, length), mine is (batch, length, channel)
    print(conv.forward_propagation(x.T[None])[0].T)


if __name__ == '__main__':
    small_experiment()
