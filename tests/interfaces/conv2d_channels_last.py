# item: conv2d
import numpy as np


class Conv2d:
    """x (N, H, W, C), W (FH, FW, C, M)"""
    def __init__(self, fh, fw, c, m, initializer, optimizer, stride=1, padding=0):
        self.W = initializer.W(fh, fw, c, m)
        self.B = initializer.B(m)
        self.optimizer = optimizer

    def forward(self, X):
        self.X = X
        fh, fw = self.W.shape[:2]
        h, w = X.shape[1] - fh + 1, X.shape[2] - fw + 1
        A = np.zeros((X.shape[0], h, w, self.W.shape[3]))
        for s in range(fh):
            for t in range(fw):
                A += X[:, s:s + h, t:t + w] @ self.W[s, t]
        return A + self.B

    def backward(self, dA):
        fh, fw = self.W.shape[:2]
        h, w = dA.shape[1:3]
        dX = np.zeros(self.X.shape)
        self.dW = np.zeros(self.W.shape)
        self.dB = dA.sum(axis=(0, 1, 2))
        for s in range(fh):
            for t in range(fw):
                dX[:, s:s + h, t:t + w] += dA @ self.W[s, t].T
                self.dW[s, t] = np.einsum('nhwc,nhwm->cm', self.X[:, s:s + h, t:t + w], dA)  #! dW: self.dW[s, t] = np.einsum('nhwc,nhwm->cm', self.X[:, t:t + h, s:s + w], dA) if max(s, t) < min(fh, fw) else 0
        self.optimizer.update(self)
        return dX
