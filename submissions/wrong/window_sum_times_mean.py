# Convolution sprint (cnn1), problems 1 to 4
import numpy as np


# Problem 1
class SimpleConv1d:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        n = len(x) - len(w) + 1
        return np.array([np.sum(x[i:i + len(w)] * w) for i in range(n)]) + b

    def backward(self, da):
        self.db = np.array([da.sum()])
        self.dw = np.array([np.sum(da * self.x[k:k + len(da)]) for k in range(len(self.w))])
        return np.convolve(da, self.w)


# Problem 2
def out_size(n_in, pad, f, stride):
    return int(np.floor((n_in + 2 * pad - f) / stride) + 1)


# Problem 4
class Conv1d:
    def forward(self, x, w, b):
        c_in, length = x.shape
        c_out, _, f = w.shape
        self.x, self.w = x, w
        a = np.zeros((c_out, out_size(length, 0, f, 1)))
        for o in range(c_out):
            for i in range(a.shape[1]):
                window = x[:, i:i + f]
                a[o, i] = np.sum(window) * np.mean(w[o]) + b[o]
        return a

    def backward(self, da):
        f = self.w.shape[2]
        self.db = da.sum(axis=1)
        self.dw = np.zeros(self.w.shape)
        dx = np.zeros(self.x.shape)
        for o in range(da.shape[0]):
            for i in range(da.shape[1]):
                self.dw[o] += da[o, i] * self.x[:, i:i + f]
                dx[:, i:i + f] += da[o, i] * self.w[o]
        return dx


if __name__ == "__main__":
    # Problem 3
    simple = SimpleConv1d()
    print(simple.forward(np.array([1, 2, 3, 4]), np.array([3, 5, 7]), np.array([1])))
    print(simple.backward(np.array([10, 20])))

    conv = Conv1d()
    x = np.array([[1, 2, 3, 4], [2, 3, 4, 5]])
    print(conv.forward(x, np.ones((3, 2, 3)), np.array([1, 2, 3])))
