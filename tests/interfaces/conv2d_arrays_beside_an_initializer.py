# item: conv2d
import numpy as np


class Conv2d:
    def __init__(self, n_input_hight, n_input_width, f_w, f_b, initializer, optimizer):
        self.W, self.B = f_w, f_b
        self.optimizer = optimizer
        self.n_output, self.n_ch, self.f_hight, self.f_width = f_w.shape
        self.hight = n_input_hight - self.f_hight + 1
        self.width = n_input_width - self.f_width + 1

    def foward(self, X):
        self.X = X
        A = np.zeros((len(X), self.n_output, self.hight, self.width))
        for h in range(self.hight):
            for w in range(self.width):
                seg = X[:, :, h:h + self.f_hight, w:w + self.f_width]
                A[:, :, h, w] = np.einsum('ncij,ocij->no', seg, self.W) + self.B.reshape(-1)
        return A

    def backward(self, dA):
        dX, dW = np.zeros_like(self.X), np.zeros_like(self.W)
        for h in range(self.hight):
            for w in range(self.width):
                at = (..., slice(h, h + self.f_hight), slice(w, w + self.f_width))
                dW += np.einsum('no,ncij->ocij', dA[:, :, h, w], self.X[at])
                dX[at] += np.einsum('no,ocij->ncij', dA[:, :, h, w], self.W)  #! dX: dX[at] += np.einsum('no,ocij->ncij', dA[:, :, h, w], self.W[..., ::-1])
        self.dW, self.dB = dW, dA.sum(axis=(0, 2, 3))
        self.optimizer.update(self)
        return dX
