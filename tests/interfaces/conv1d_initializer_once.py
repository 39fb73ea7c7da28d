# item: conv1d
import numpy as np

sigma = 0.05


class GaussInit:
    def coef(self, *shape):
        return sigma * np.random.randn(*shape), sigma * np.random.randn(shape[0])


class Conv1d:
    def __init__(self, shape, init=None):
        self.coef, self.intercept = (init or GaussInit()).coef(*shape)

    def forward_propagation(self, A):
        self.A = A
        F = self.coef.shape[-1]
        Z = np.zeros((A.shape[0], self.coef.shape[0], A.shape[2] - F + 1))
        for n in range(A.shape[0]):
            for m in range(self.coef.shape[0]):
                for i in range(Z.shape[2]):
                    Z[n, m, i] = (A[n, :, i:i + F] * self.coef[m]).sum() + self.intercept[m]
        return Z

    def back_propagation(self, dZ):
        F = self.coef.shape[-1]
        dA = np.zeros(self.A.shape)
        self.d_coef = np.zeros(self.coef.shape)
        self.d_intercept = dZ.sum(axis=0).sum(axis=1)
        for n in range(dZ.shape[0]):
            for m in range(dZ.shape[1]):
                for i in range(dZ.shape[2]):
                    self.d_coef[m] += dZ[n, m, i] * self.A[n, :, i:i + F]
                    dA[n, :, i:i + F] += dZ[n, m, i] * self.coef[m]  #! dX: dA[n, :, i:i + F] += dZ[n, m, i] * self.coef[m, ::-1]
        return dA
