# items: softmax
import numpy as np


class SoftmaxCrossEntropy:
    def forward(self, x, y):
        e = np.exp(x - x.max(1, keepdims=True))
        self.p, self.y = e / e.sum(1, keepdims=True), y  #! forward,dX: self.p, self.y = e / e.sum(0), y
        return self.p, -np.log(self.p[np.arange(len(y)), y]).mean()

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.y)), self.y] -= 1  #! dX: d[np.arange(len(self.y)), self.y] += 1
        self.dx = d / len(d)
