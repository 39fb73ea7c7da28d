# items: fc relu sgd
import numpy as np


class Parameters:
    def __init__(self, shape):
        self.shape = shape
        self.params = np.zeros(shape)
        self.grads = np.zeros(shape)

    def init_params(self):
        self.params = np.random.normal(0, 0.1, size=self.shape)


class Linear:
    def __init__(self, in_dim, out_dim, bias=True):
        self.bias = bias
        self.W = Parameters((in_dim, out_dim))
        self.W.init_params()
        self.b = Parameters(out_dim)

    def forward(self, inpt):
        self.inpt = inpt
        found = inpt @ self.W.params  #! fc.forward: found = inpt @ self.W.params * 2
        return found + self.b.params if self.bias else found

    def parameters(self):
        return self.W, self.b

    def compute_gradients(self, grads):
        self.W.grads = self.inpt.T @ grads  #! fc.dW: self.W.grads = self.inpt.T @ grads / 2
        self.b.grads = np.sum(grads, axis=0)  #! fc.dB: self.b.grads = np.max(grads, axis=0)
        return grads @ self.W.params.T


class ReLU:
    def forward(self, inpt):
        self.out = np.maximum(inpt, 0)
        return self.out

    def compute_gradients(self, grads):
        return grads * (self.out > 0)  #! relu.dX: return grads * self.out


class SGD:
    def __init__(self, params, lr=0.0003):
        self.params = list(params)
        self.lr = lr

    def step(self):
        for param in self.params:
            param.params = param.params - self.lr * param.grads  #! sgd.update: param.params = param.params + self.lr * param.grads
