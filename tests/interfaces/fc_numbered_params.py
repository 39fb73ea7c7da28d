# item: fc
import numpy as np


class Dense:
    def __init__(self, n_in, n_out, init_func=None, layer_no=1):
        self.no = layer_no
        init_func = init_func or (lambda a, b: 0.01 * np.random.randn(a, b))
        self.params = {f'W{layer_no}': init_func(n_in, n_out), f'b{layer_no}': np.zeros(n_out)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params[f'W{self.no}'] + self.params[f'b{self.no}']  #! forward: return x @ self.params[f'W{self.no}'] - self.params[f'b{self.no}']

    def backward(self, dout):
        self.grads[f'W{self.no}'] = self.x.T @ dout
        self.grads[f'b{self.no}'] = dout.sum(axis=0)
        return dout @ self.params[f'W{self.no}'].T
