# items: conv1d conv1d_stride
import numpy as np


class Conv1D:
    def __init__(self, filters, channels, kernel_size, strides=1, padding='valid', initializer=None, optimizer=None):
        self.F, self.S = kernel_size, strides
        self.pad = 0 if padding == 'valid' else (kernel_size - 1) // 2
        self.optimizer = optimizer
        self.params = {'W': initializer.W(filters, channels, kernel_size), 'b': initializer.B(filters)}

    def forward(self, x):
        x = np.pad(x, [(0, 0), (0, 0), (self.pad, self.pad)])
        self.cache = dict(x=x)
        n_out = (x.shape[2] - self.F) // self.S + 1
        out = np.zeros([len(x), len(self.params['W']), n_out])
        for i in range(n_out):
            w = x[:, None, :, i * self.S:i * self.S + self.F] * self.params['W']
            out[:, :, i] = w.sum(axis=(2, 3)) + self.params['b']
        return out

    def backward(self, dy):
        x = self.cache['x']
        dx = np.zeros(x.shape)
        g = {'W': 0, 'b': dy.sum(axis=(0, 2))}
        for i in range(dy.shape[2]):
            a, e = i * self.S, i * self.S + self.F
            g['W'] = g['W'] + np.einsum('no,ncf->ocf', dy[:, :, i], x[:, :, a:e])  #! dW: g['W'] = np.einsum('no,ncf->ocf', dy[:, :, i], x[:, :, a:e])
            dx[:, :, a:e] += np.einsum('no,ocf->ncf', dy[:, :, i], self.params['W'])
        self.grads = g
        if self.optimizer is not None:
            self.optimizer.update(self.params, self.grads)
        return dx[:, :, self.pad:dx.shape[2] - self.pad]
