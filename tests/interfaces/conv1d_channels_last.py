# item: conv1d
import numpy as np

class conv1d_layer:
    # x: (N, L, C)   w: (F, C, O)
    def __init__(self, f_size, ch_in, ch_out):
        self.weight = np.random.randn(f_size, ch_in, ch_out) * 0.1
        self.bias = np.zeros((1, 1, ch_out))

    def __call__(self, x):
        self.memory = {'x': x}
        F = len(self.weight)
        L_out = x.shape[1] - F + 1
        y = sum(x[:, s:s + L_out] @ self.weight[s] for s in range(F))
        return y + self.bias

    def back(self, delta):
        x = self.memory['x']
        F, L_out = len(self.weight), delta.shape[1]
        self.grads = {}
        self.grads['bias'] = delta.sum(axis=0).sum(axis=0)
        self.grads['weight'] = np.array([np.einsum('nlc,nlo->co', x[:, s:s + L_out], delta) for s in range(F)])
        dx = np.zeros(x.shape)
        for s in range(F):
            dx[:, s:s + L_out] += delta @ self.weight[s].T  #! dX: dx[:, s:s + L_out] += delta @ self.weight[F - 1 - s].T
        return dx
