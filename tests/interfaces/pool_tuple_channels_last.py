# item: max_pool2d
import numpy as np

class MaxPool2D:
    def __init__(self, pool_size=(2, 2)):
        self.ph, self.pw = pool_size
    def forward(self, x):
        N, H, W, C = x.shape
        self.shape = x.shape
        oh, ow = H // self.ph, W // self.pw
        out = np.zeros((N, oh, ow, C))
        self.arg = np.zeros((N, oh, ow, C), dtype=int)
        for i in range(oh):
            for j in range(ow):
                win = x[:, i * self.ph:(i + 1) * self.ph, j * self.pw:(j + 1) * self.pw].reshape(N, -1, C)
                self.arg[:, i, j] = win.argmax(axis=1)
                out[:, i, j] = win.max(axis=1)
        return out
    def backward(self, dout):
        dx = np.zeros(self.shape)
        N, oh, ow, C = dout.shape
        for n in range(N):
            for i in range(oh):
                for j in range(ow):
                    for c in range(C):
                        r, q = divmod(self.arg[n, i, j, c], self.pw)
                        dx[n, i * self.ph + r, j * self.pw + q, c] += dout[n, i, j, c]  #! dX: dx[n, i * self.ph + q, j * self.pw + r, c] += dout[n, i, j, c]
        return dx
