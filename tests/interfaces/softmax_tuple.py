# item: softmax
import numpy as np


class Softmax:
    def forward(self, A):
        self.Z = np.exp(A) / np.sum(np.exp(A), axis=1).reshape(-1, 1)  #! forward,dX: self.Z = np.exp(A) / np.sum(np.exp(A))
        return self.Z

    def backward(self, Y, Z):
        self.cross_entropy = -np.sum(Y * np.log(Z)) / len(Y)
        return Z - Y, self.cross_entropy
