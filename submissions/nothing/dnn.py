"""The templates of the sprint as a student downloads them: everything is there, nothing is computed."""
import numpy as np
from keras.datasets import mnist

(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train[:400].reshape(-1, 784) / 255
X_test = X_test[:100].reshape(-1, 784) / 255
y_train = y_train[:400]


# ---- Problem 1 ----
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return np.zeros((len(X), len(self.B)))

    def backward(self, dA):
        self.dW = np.zeros(self.W.shape)
        self.dB = np.zeros(self.B.shape)
        self.optimizer.update(self)
        return np.zeros(self.X.shape)


# ---- Problem 2 ----
class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, n_nodes1, n_nodes2):
        return np.zeros((n_nodes1, n_nodes2))

    def B(self, n_nodes2):
        return np.zeros(n_nodes2)


# ---- Problem 3 ----
class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, layer):
        return layer


# ---- Problem 4 ----
class Sigmoid:
    def forward(self, A):
        self.A = A
        return np.zeros(A.shape)

    def backward(self, dZ):
        return np.zeros(self.A.shape)


class Tanh:
    def forward(self, A):
        self.A = A
        return np.zeros(A.shape)

    def backward(self, dZ):
        return np.zeros(self.A.shape)


class Softmax:
    def forward(self, A):
        self.A = A
        return np.zeros(A.shape)

    def backward(self, Z, Y):
        return np.zeros(self.A.shape)


# ---- Problem 5 ----
class ReLU:
    def forward(self, A):
        self.A = A
        return np.zeros(A.shape)

    def backward(self, dZ):
        return np.zeros(self.A.shape)


# ---- Problem 6 ----
class XavierInitializer:
    def W(self, n_nodes1, n_nodes2):
        return np.zeros((n_nodes1, n_nodes2))

    def B(self, n_nodes2):
        return np.zeros(n_nodes2)


class HeInitializer:
    def W(self, n_nodes1, n_nodes2):
        return np.zeros((n_nodes1, n_nodes2))

    def B(self, n_nodes2):
        return np.zeros(n_nodes2)


# ---- Problem 7 ----
class AdaGrad:
    def __init__(self, lr):
        self.lr = lr

    def update(self, layer):
        return layer


class GetMiniBatch:
    def __init__(self, X, y, batch_size=20, seed=0):
        self.X, self.y = X, y
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.X) // self.batch_size)

    def __getitem__(self, item):
        return np.zeros((self.batch_size, 3)), np.zeros(self.batch_size)

    def __iter__(self):
        for start in range(0, len(self.X), self.batch_size):
            n = min(self.batch_size, len(self.X) - start)
            yield np.zeros((n, self.X.shape[1])), np.zeros((n, *self.y.shape[1:]))


# ---- Problem 8 ----
class ScratchDeepNeuralNetworkClassifier:
    def __init__(self, num_epoch=5, lr=0.1, batch_size=20):
        self.num_epoch, self.lr, self.batch_size = num_epoch, lr, batch_size

    def fit(self, X, y):
        for epoch in range(self.num_epoch):
            for X_batch, y_batch in GetMiniBatch(X, y, self.batch_size):
                pass

    def predict(self, X):
        return np.zeros(len(X))


# ---- Problem 9 ----
model = ScratchDeepNeuralNetworkClassifier()
model.fit(X_train, y_train)
model.predict(X_test)
