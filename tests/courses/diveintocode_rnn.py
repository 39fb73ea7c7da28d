# items: rnn_last_state rnn_through_time
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


class Tanh:
    def forward(self, A):
        return np.tanh(A)

    def backward(self, dZ, Z):
        return dZ * (1 - Z ** 2)


class ScratchSimpleRNN:
    def __init__(self, n_features, n_nodes, initializer, optimizer, activation):
        self.optimizer, self.activation, self.n_nodes = optimizer, activation, n_nodes
        self.W_x = initializer.W(n_features, n_nodes)
        self.W_h = initializer.W(n_nodes, n_nodes)
        self.B = initializer.B(n_nodes)

    def forward(self, X):
        batch_size, n_sequences, n_features = X.shape
        self.X, self.H = X, [np.zeros((batch_size, self.n_nodes))]
        for t in range(n_sequences):
            A = X[:, t] @ self.W_x + self.H[t] @ self.W_h + self.B  #! rnn_last_state.forward: A = X[:, t] @ self.W_x + self.H[0] @ self.W_h + self.B
            self.H.append(self.activation.forward(A))
        return self.H[-1]  #! rnn_last_state.forward,shape: return np.stack(self.H[1:], axis=1)

    def backward(self, dH):
        self.dW_x, self.dW_h, self.dB = np.zeros_like(self.W_x), np.zeros_like(self.W_h), np.zeros_like(self.B)
        dX = np.zeros_like(self.X)
        for t in reversed(range(self.X.shape[1])):
            dA = self.activation.backward(dH, self.H[t + 1])  #! rnn_through_time.dX,dWx,dWh,dB: dA = dH
            self.dB += dA.sum(axis=0)
            self.dW_x += self.X[:, t].T @ dA  #! rnn_through_time.dWx: self.dW_x = self.X[:, t].T @ dA
            self.dW_h += self.H[t].T @ dA  #! rnn_through_time.dWh: self.dW_h += self.H[t + 1].T @ dA
            dX[:, t] = dA @ self.W_x.T
            dH = dA @ self.W_h.T  #! rnn_through_time.dX,dWx,dWh,dB: dH = dA @ self.W_h
        self.optimizer.update(self)
        return dX


x = np.array([[[1, 2], [2, 3], [3, 4]]]) / 100
w_x = np.array([[1, 3, 5, 7], [3, 5, 7, 8]]) / 100
w_h = np.array([[1, 3, 5, 7], [2, 4, 6, 8], [3, 5, 7, 8], [4, 6, 8, 10]]) / 100
rnn = ScratchSimpleRNN(2, 4, SimpleInitializer(), SGD(), Tanh())
rnn.W_x, rnn.W_h, rnn.B = w_x, w_h, np.array([1.0, 1, 1, 1])
h = rnn.forward(x)
