# items: softmax sigmoid
import numpy as np


class Softmax:
    def activate(self, A, y):
        e = np.exp(A - A.max(axis=1, keepdims=True))
        self.Z = e / e.sum(axis=1, keepdims=True)
        return self.Z if y is None else -np.mean(np.sum(y * np.log(self.Z), axis=1))

    def jacobian(self, y):
        return self.Z - y  #! dX: return y - self.Z


class Sigmoid:
    def activate(self, A, y):
        self.Z = 1 / (1 + np.exp(-A))
        return self.Z

    def jacobian(self, dZ):
        return dZ * self.Z * (1 - self.Z)  #! sigmoid.dX: return dZ * (1 - self.Z)
