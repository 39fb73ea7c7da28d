# item: fc
import numpy as np


class Dense:
    # W は (出力, 入力) の形
    def __init__(self, units, input_dim, kernel_initializer=None, lr=0.01):
        self.kernel = np.random.normal(0, 0.1, (units, input_dim))
        self.bias = np.zeros((units,))
        self.lr = lr

    def forward_prop(self, x):
        self.inputs = x
        self.output = self.inputs.dot(self.kernel.T) + self.bias
        return self.output

    def backward_prop(self, error):
        grad_in = error.dot(self.kernel)
        grad_kernel = error.T.dot(self.inputs)
        grad_bias = error.sum(axis=0)
        self.kernel -= self.lr * grad_kernel  #! dW: self.kernel -= self.lr * np.sign(grad_kernel)
        self.bias -= self.lr * grad_bias
        return grad_in
