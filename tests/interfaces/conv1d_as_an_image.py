# items: conv1d conv1d_batch conv1d_stride
import numpy as np


def windows(x, height, width, step):
    N, C, H, W = x.shape
    rows, columns = (H - height) // step + 1, (W - width) // step + 1
    col = np.zeros((N, C, height, width, rows, columns))
    for i in range(height):
        for j in range(width):
            col[:, :, i, j] = x[:, :, i : i + step * rows : step, j : j + step * columns : step]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * rows * columns, -1)


class Conv1d:
    """A 1-D convolution over images that are one pixel high."""

    def __init__(self, W, b, stride=1):
        self.W, self.b, self.stride = W, b, stride

    def forward(self, x):
        O, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        self.x, self.columns = x, (W - FW) // self.stride + 1
        self.col = windows(x, FH, FW, self.stride)
        out = self.col @ self.W.reshape(O, -1).T + self.b
        return out.reshape(N, 1, self.columns, O).transpose(0, 3, 1, 2)

    def backward(self, dout):
        O, C, FH, FW = self.W.shape
        flat = dout.transpose(0, 2, 3, 1).reshape(-1, O)
        self.db = flat.sum(axis=0)
        self.dW = (self.col.T @ flat).T.reshape(self.W.shape)  #! conv1d.dW: self.dW = (self.col.T @ flat).reshape(self.W.shape)
        dcol = (flat @ self.W.reshape(O, -1)).reshape(len(dout), self.columns, C, FW)
        dx = np.zeros(self.x.shape)
        for j in range(FW):
            stop = j + self.stride * self.columns
            dx[:, :, 0, j : stop : self.stride] += dcol[:, :, :, j].transpose(0, 2, 1)  #! conv1d_stride.dX: dx[:, :, 0, j : j + self.columns] += dcol[:, :, :, j].transpose(0, 2, 1)
        return dx  #! conv1d_batch.dX: return dx / len(dx)
