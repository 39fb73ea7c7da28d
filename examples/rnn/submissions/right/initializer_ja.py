# 【問題1】SimpleRNNのフォワードプロパゲーション実装
import numpy as np


class SimpleInitializer:
    def __init__(self, sigma=0.01):
        self.sigma = sigma

    def W(self, n_in, n_out):
        return self.sigma * np.random.randn(n_in, n_out)

    def B(self, n_out):
        return np.zeros(n_out)


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, layer):
        layer.W_x -= self.lr * layer.dW_x
        layer.W_h -= self.lr * layer.dW_h
        layer.B -= self.lr * layer.dB
        return layer


class SimpleRNN:
    """
    リカレントニューラルネットワークの層
    """

    def __init__(self, n_features, n_nodes, initializer, optimizer):
        self.optimizer = optimizer
        self.n_nodes = n_nodes
        self.W_x = initializer.W(n_features, n_nodes)
        self.W_h = initializer.W(n_nodes, n_nodes)
        self.B = initializer.B(n_nodes)

    def forward(self, X):
        n_samples, n_sequences, _ = X.shape
        self.X = X
        self.H = np.zeros((n_sequences + 1, n_samples, self.n_nodes))  # H[0] は最初の状態
        for t in range(n_sequences):
            A = X[:, t, :] @ self.W_x + self.H[t] @ self.W_h + self.B
            self.H[t + 1] = np.tanh(A)
        return self.H[-1]

    def backward(self, dH):
        self.dW_x = np.zeros_like(self.W_x)
        self.dW_h = np.zeros_like(self.W_h)
        self.dB = np.zeros_like(self.B)
        dX = np.zeros(self.X.shape)
        for t in range(self.X.shape[1] - 1, -1, -1):
            dA = dH * (1 - self.H[t + 1] ** 2)
            self.dB += dA.sum(axis=0)
            self.dW_x += self.X[:, t, :].T @ dA
            self.dW_h += self.H[t].T @ dA
            dX[:, t, :] = dA @ self.W_x.T
            dH = dA @ self.W_h.T
        self.optimizer.update(self)
        return dX


# 【問題2】小さな配列でのフォワードプロパゲーションの実験
x = np.array([[[1, 2], [2, 3], [3, 4]]]) / 100
w_x = np.array([[1, 3, 5, 7], [3, 5, 7, 8]]) / 100
w_h = np.array([[1, 3, 5, 7], [2, 4, 6, 8], [3, 5, 7, 8], [4, 6, 8, 10]]) / 100
b = np.array([1, 1, 1, 1])

rnn = SimpleRNN(2, 4, SimpleInitializer(), SGD())
rnn.W_x, rnn.W_h, rnn.B = w_x, w_h, b
print(rnn.forward(x))
