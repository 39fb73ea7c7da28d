# items: softmax
import numpy as np


class SoftmaxWithLoss:
    def forward(self, inputs, y_true):
        powers = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = powers / powers.sum(axis=1, keepdims=True)  #! forward,dX: self.output = powers / powers.sum(axis=0, keepdims=True)
        if y_true.ndim == 1:
            return -np.log(self.output[range(len(inputs)), y_true]).mean()
        return -np.log((self.output * y_true).sum(axis=1)).mean()

    def backward(self, y_true):
        self.dinputs = self.output.copy()
        self.dinputs[range(len(self.output)), y_true] -= 1  #! dX: self.dinputs[range(len(self.output)), y_true] -= 2
        self.dinputs /= len(self.output)
