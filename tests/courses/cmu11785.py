# items: fc sgd momentum sigmoid tanh relu softmax conv1d conv1d_stride conv2d conv2d_stride flatten max_pool2d max_pool2d_overlap average_pool2d average_pool2d_overlap batch_norm batch_norm_running
import numpy as np


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self):
        return self.A - self.A**2  #! sigmoid.dX: return self.A - self.A**3


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self):
        return 1 - self.A**2


class ReLU:
    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self):
        return np.where(self.A > 0, 1.0, 0.0)


class Linear:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.zeros((out_features, in_features)), np.zeros((out_features, 1))

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        return A @ self.W.T + self.Ones @ self.b.T

    def backward(self, dLdZ):
        self.dLdW = dLdZ.T @ self.A / self.N
        self.dLdb = dLdZ.T @ self.Ones / self.N  #! fc.dB: self.dLdb = dLdZ.T @ self.Ones * self.b
        return dLdZ @ self.W


class MLP:
    def __init__(self):
        self.layers, self.f = [Linear(2, 3)], [ReLU()]

    def forward(self, A):
        return self.f[0].forward(self.layers[0].forward(A))

    def backward(self, dLdA):
        dAdZ = self.f[0].backward()
        return self.layers[0].backward(dLdA * dAdZ)


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A, self.Y, self.N = A, Y, A.shape[0]
        e = np.exp(A - A.max(axis=1, keepdims=True))
        self.softmax = e / e.sum(axis=1, keepdims=True)
        return -(Y * np.log(self.softmax)).sum() / self.N

    def backward(self):
        return (self.softmax - self.Y) / self.N  #! softmax.dX: return (self.Y - self.softmax) / self.N


def dilated(dLdZ, k, axes):
    for axis in axes:
        shape = list(dLdZ.shape)
        shape[axis] = k * (shape[axis] - 1) + 1
        up = np.zeros(shape)
        up[(slice(None),) * axis + (slice(None, None, k),)] = dLdZ
        dLdZ = up
    return dLdZ


class Conv1d_stride1:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.kernel_size = kernel_size
        self.W = np.random.normal(0, 1.0, (out_channels, in_channels, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, A):
        self.A = A
        size = A.shape[2] - self.kernel_size + 1
        parts = [np.tensordot(A[:, :, i:i + self.kernel_size], self.W, ([1, 2], [1, 2])) for i in range(size)]
        return np.stack(parts, axis=2) + self.b[:, None]

    def backward(self, dLdZ):
        self.dLdb = dLdZ.sum(axis=(0, 2))
        self.dLdW, dLdA = np.zeros_like(self.W), np.zeros_like(self.A)
        for i in range(dLdZ.shape[2]):
            self.dLdW += np.tensordot(dLdZ[:, :, i], self.A[:, :, i:i + self.kernel_size], (0, 0))
            dLdA[:, :, i:i + self.kernel_size] += np.tensordot(dLdZ[:, :, i], self.W, (1, 0))  #! conv1d.dX: dLdA[:, :, i:i + self.kernel_size] = np.tensordot(dLdZ[:, :, i], self.W, (1, 0))
        return dLdA


class Conv1d:
    def __init__(self, in_channels, out_channels, kernel_size, stride, weight_init_fn=None, bias_init_fn=None):
        self.stride = stride
        self.conv1d_stride1 = Conv1d_stride1(in_channels, out_channels, kernel_size, weight_init_fn, bias_init_fn)

    def forward(self, A):
        self.length = A.shape[2]
        Z = self.conv1d_stride1.forward(A)
        self.whole = Z.shape[2]
        return Z[:, :, ::self.stride]

    def backward(self, dLdZ):
        up = dilated(dLdZ, self.stride, [2])
        up = np.pad(up, ((0, 0), (0, 0), (0, self.whole - up.shape[2])))
        return self.conv1d_stride1.backward(up)


class Conv2d_stride1:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.k = kernel_size
        self.W = np.random.normal(0, 1.0, (out_channels, in_channels, kernel_size, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, A):
        self.A = A
        h, w = A.shape[2] - self.k + 1, A.shape[3] - self.k + 1
        Z = np.zeros((A.shape[0], len(self.b), h, w))
        for i in range(h):
            for j in range(w):
                Z[:, :, i, j] = np.tensordot(A[:, :, i:i + self.k, j:j + self.k], self.W, ([1, 2, 3], [1, 2, 3]))
        return Z + self.b[:, None, None]

    def backward(self, dLdZ):
        self.dLdb = dLdZ.sum(axis=(0, 2, 3))
        self.dLdW, dLdA = np.zeros_like(self.W), np.zeros_like(self.A)
        for i in range(dLdZ.shape[2]):
            for j in range(dLdZ.shape[3]):
                here = np.s_[:, :, i:i + self.k, j:j + self.k]
                self.dLdW += np.tensordot(dLdZ[:, :, i, j], self.A[here], (0, 0))
                dLdA[here] += np.tensordot(dLdZ[:, :, i, j], self.W, (1, 0))
        return dLdA


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size, stride, weight_init_fn=None, bias_init_fn=None):
        self.stride = stride
        self.conv2d_stride1 = Conv2d_stride1(in_channels, out_channels, kernel_size, weight_init_fn, bias_init_fn)

    def forward(self, A):
        Z = self.conv2d_stride1.forward(A)
        self.whole = Z.shape[2:]
        return Z[:, :, ::self.stride, ::self.stride]

    def backward(self, dLdZ):
        up = dilated(dLdZ, self.stride, [2, 3])  #! conv2d_stride.dX,dW: up = dilated(dLdZ, 1, [2, 3])
        more = [(0, n - m) for n, m in zip(self.whole, up.shape[2:])]
        return self.conv2d_stride1.backward(np.pad(up, ((0, 0), (0, 0), *more)))


class Flatten:
    def forward(self, A):
        self.shape = A.shape
        return A.reshape(len(A), -1)

    def backward(self, dLdZ):
        return dLdZ.reshape(self.shape)


class Pool2d_stride1:
    def __init__(self, kernel):
        self.kernel = kernel

    def forward(self, A):
        self.A, k = A, self.kernel
        h, w = A.shape[2] - k + 1, A.shape[3] - k + 1
        Z = np.zeros((*A.shape[:2], h, w))
        for i in range(h):
            for j in range(w):
                Z[:, :, i, j] = self.of(A[:, :, i:i + k, j:j + k])
        return Z

    def backward(self, dLdZ):
        dLdA, k = np.zeros_like(self.A), self.kernel
        for i in range(dLdZ.shape[2]):
            for j in range(dLdZ.shape[3]):
                here = np.s_[:, :, i:i + k, j:j + k]
                dLdA[here] += self.shares(self.A[here]) * dLdZ[:, :, i:i + 1, j:j + 1]  #! max_pool2d_overlap.dX: dLdA[here] = np.where(dLdZ[:, :, i:i + 1, j:j + 1] != 0, self.shares(self.A[here]) * dLdZ[:, :, i:i + 1, j:j + 1], dLdA[here])
        return dLdA


class MaxPool2d_stride1(Pool2d_stride1):
    def of(self, window):
        return window.max(axis=(2, 3))

    def shares(self, window):
        return window == window.max(axis=(2, 3), keepdims=True)


class MeanPool2d_stride1(Pool2d_stride1):
    def of(self, window):
        return window.mean(axis=(2, 3))

    def shares(self, window):
        return np.full(window.shape, 1 / self.kernel**2)


class Pool2d:
    def __init__(self, kernel, stride):
        self.stride, self.pool = stride, self.stride1(kernel)

    def forward(self, A):
        Z = self.pool.forward(A)
        self.whole = Z.shape[2:]
        return Z[:, :, ::self.stride, ::self.stride]

    def backward(self, dLdZ):
        up = dilated(dLdZ, self.stride, [2, 3])
        more = [(0, n - m) for n, m in zip(self.whole, up.shape[2:])]
        return self.pool.backward(np.pad(up, ((0, 0), (0, 0), *more)))


class MaxPool2d(Pool2d):
    stride1 = MaxPool2d_stride1


class MeanPool2d(Pool2d):
    stride1 = MeanPool2d_stride1


class SGD:
    def __init__(self, model, lr=0.1, momentum=0):
        self.l, self.L = model.layers, len(model.layers)
        self.lr, self.mu = lr, momentum
        self.v_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.v_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]

    def step(self):
        for i in range(self.L):
            if self.mu == 0:
                self.l[i].W = self.l[i].W - self.lr * self.l[i].dLdW  #! sgd.update: self.l[i].W = self.l[i].W + self.lr * self.l[i].dLdW
                self.l[i].b = self.l[i].b - self.lr * self.l[i].dLdb
            else:
                self.v_W[i] = self.mu * self.v_W[i] + self.l[i].dLdW  #! momentum.update: self.v_W[0] = self.mu * self.v_W[0] + self.l[i].dLdW
                self.v_b[i] = self.mu * self.v_b[i] + self.l[i].dLdb
                self.l[i].W = self.l[i].W - self.lr * self.v_W[i]  #! momentum.update: self.l[i].W = self.l[i].W - self.lr * self.v_W[0]
                self.l[i].b = self.l[i].b - self.lr * self.v_b[i]


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha, self.eps = alpha, 1e-8
        self.BW, self.Bb = np.ones((1, num_features)), np.zeros((1, num_features))
        self.dLdBW, self.dLdBb = np.zeros((1, num_features)), np.zeros((1, num_features))
        self.running_M, self.running_V = np.zeros((1, num_features)), np.ones((1, num_features))

    def forward(self, Z, eval=False):
        self.Z, self.N = Z, Z.shape[0]
        if eval:
            NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            return self.BW * NZ + self.Bb  #! batch_norm_running.test: return NZ + self.Bb
        self.M, self.V = Z.mean(axis=0, keepdims=True), Z.var(axis=0, keepdims=True)
        self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
        self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
        self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        return self.BW * self.NZ + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)  #! batch_norm.dbeta: self.dLdBb = np.sum(dLdBZ**2, axis=0, keepdims=True)
        dLdNZ = dLdBZ * self.BW
        spread = np.sqrt(self.V + self.eps)
        dLdV = -0.5 * np.sum(dLdNZ * (self.Z - self.M), axis=0, keepdims=True) / spread**3
        dLdM = -np.sum(dLdNZ / spread, axis=0, keepdims=True)
        return dLdNZ / spread + dLdV * 2 * (self.Z - self.M) / self.N + dLdM / self.N  #! batch_norm.dX: return dLdNZ / spread + dLdM / self.N
