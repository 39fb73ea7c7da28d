# item: conv2d
import numpy as np


def im2col(x, fh, fw):
    n, c, h, w = x.shape
    oh, ow = h - fh + 1, w - fw + 1
    col = np.zeros((n, c, fh, fw, oh, ow))
    for y in range(fh):
        for z in range(fw):
            col[:, :, y, z] = x[:, :, y:y + oh, z:z + ow]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, -1)


def col2im(col, shape, fh, fw):
    n, c, h, w = shape
    oh, ow = h - fh + 1, w - fw + 1
    col = col.reshape(n, oh, ow, c, fh, fw).transpose(0, 3, 4, 5, 1, 2)
    x = np.zeros(shape)
    for y in range(fh):
        for z in range(fw):
            x[:, :, y:y + oh, z:z + ow] += col[:, :, y, z]
    return x


class Convolution:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.x = self.col = self.col_W = None
        self.dW = self.db = None

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, _, H, W = x.shape
        self.x, self.col = x, im2col(x, FH, FW)
        self.col_W = self.W.reshape(FN, -1).T
        out = np.dot(self.col, self.col_W) + self.b
        return out.reshape(N, H - FH + 1, W - FW + 1, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout).transpose(1, 0).reshape(FN, C, FH, FW)
        dcol = np.dot(dout, self.col_W.T)  #! dX: dcol = np.dot(dout, self.col_W.T[:, ::-1])
        return col2im(dcol, self.x.shape, FH, FW)
