# items: fc sgd relu softmax he_initializer adagrad
import numpy as np


class Network:
    """A whole sprint as one program: what it is made of stands inside."""

    class Relu:
        def forward(self, a):
            self.on = a > 0
            return a * self.on

        def backward(self, dz):
            return dz * self.on  #! relu.dX: return dz * ~self.on

    class Softmax:
        def forward(self, a):
            powers = np.exp(a - a.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)

        def backward(self, z, y):
            return z - y  #! softmax.dX: return z + y

    class HeInitializer:
        def W(self, n_in, n_out):
            return np.sqrt(2 / n_in) * np.random.randn(n_in, n_out)  #! he_initializer.forward: return np.sqrt(2 / n_out) * np.random.randn(n_in, n_out)

        def B(self, n_in, n_out):
            return np.zeros(n_out)

    class SGD:
        def __init__(self, lr=0.01):
            self.lr = lr

        def update(self, layer, dw, db):
            layer.W = layer.W - self.lr * dw  #! sgd.update: layer.W = layer.W + self.lr * dw
            layer.B = layer.B - self.lr * db
            return layer

    class AdaGrad(SGD):
        def __init__(self, lr=0.01):
            super(Network.AdaGrad, self).__init__(lr)
            self.hw = self.hb = 0

        def update(self, layer, dw, db):
            self.hw, self.hb = self.hw + dw**2, self.hb + db**2  #! adagrad.update: self.hw, self.hb = dw**2, self.hb + db**2
            layer.W = layer.W - self.lr * dw / (np.sqrt(self.hw) + 1e-7)
            layer.B = layer.B - self.lr * db / (np.sqrt(self.hb) + 1e-7)
            return layer

    class Dense:
        def __init__(self, n_in, n_out, initializer, optimizer):
            self.optimizer = optimizer
            self.W, self.B = initializer.W(n_in, n_out), initializer.B(n_in, n_out)

        def forward(self, x):
            self.x = x
            return x @ self.W + self.B

        def backward(self, dout):
            dx = dout @ self.W.T
            dw, db = self.x.T @ dout, dout.sum(axis=0)  #! fc.dW: dw, db = self.x.T @ dout**2, dout.sum(axis=0)
            self.optimizer.update(self, dw, db)
            return dx

    def fit(self, x, y, rate=0.1):
        self.dense = self.Dense(x.shape[1], 10, self.HeInitializer(), self.SGD(rate))
        last = self.Softmax()
        for _ in range(10):
            self.dense.backward(last.backward(last.forward(self.dense.forward(x)), y))

    def predict(self, x):
        return self.dense.forward(x).argmax(axis=1)
