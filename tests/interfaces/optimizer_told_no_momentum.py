# items: sgd
import numpy as np


class Linear:
    def __init__(self, in_dim, out_dim):
        self.weight = 0.001 * np.random.randn(in_dim, out_dim)
        self.bias = np.zeros(out_dim)
        self.dw = None
        self.db = None
        self.dx = None

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dout):
        self.dw = self.x.T @ dout
        self.db = dout.sum(axis=0)
        self.dx = dout @ self.weight.T


class Base:
    def __init__(self, model, learning_rate=1e-4, reg=1e-3):
        self.learning_rate, self.reg = learning_rate, reg
        self.velocity = [{"dw": 0, "db": 0} for _ in model.modules]

    def regularize(self, model):
        for m in model.modules:
            if hasattr(m, "weight"):
                m.dw = m.dw + self.reg * m.weight


class SGD(Base):
    def __init__(self, model, learning_rate=1e-4, reg=1e-3, momentum=0.9):
        super().__init__(model, learning_rate, reg)
        self.momentum = momentum

    def update(self, model):
        self.regularize(model)
        for v, m in zip(self.velocity, model.modules):
            if hasattr(m, "weight"):
                v["dw"] = self.momentum * v["dw"] - self.learning_rate * m.dw  #! update: v["dw"] = self.momentum * v["dw"] + self.learning_rate * m.dw
                v["db"] = self.momentum * v["db"] - self.learning_rate * m.db
                m.weight = m.weight + v["dw"]
                m.bias = m.bias + v["db"]
