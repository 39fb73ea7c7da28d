# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, w, b, dw, db):
        w = w - self.lr * dw
        b = b - self.lr * db  #! sgd.update: b = b
        return w, b


class AdaGrad(SGD):
    def __init__(self, lr):
        super().__init__(lr)
        self.hw = self.hb = 1e-10

    def update(self, w, b, dw, db):
        self.hw = self.hw + dw ** 2
        self.hb = self.hb + db ** 2
        return w - self.lr * dw / np.sqrt(self.hw), b - self.lr * db / np.sqrt(self.hb)
