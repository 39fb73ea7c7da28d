# items: support_vector_machine
import numpy as np


class LinearSVM:
    """Pairs of multipliers, so that their labels' sum stays zero, and an intercept; rows are kept in a list."""

    def __init__(self, num_iter=100):
        self.num_iter = num_iter

    def fit(self, X, y):
        y = y.astype(float)
        lam = np.zeros(len(X))
        w = np.zeros(X.shape[1])
        for _ in range(20 * self.num_iter):
            miss = y - X @ w
            up = ((y > 0) | (lam > 0)).nonzero()[0]
            down = ((y < 0) | (lam > 0)).nonzero()[0]
            i, j = up[miss[up].argmax()], down[miss[down].argmin()]
            gap = miss[i] - miss[j]
            if gap < 1e-10:
                break
            step = gap / ((X[i] - X[j]) ** 2).sum()
            if y[i] < 0:
                step = min(step, lam[i])
            if y[j] > 0:
                step = min(step, lam[j])
            lam[i] += y[i] * step
            lam[j] -= y[j] * step
            w += step * (X[i] - X[j])
        self.lambda_ = lam  #! support_vectors: self.lambda_ = 1 - lam / lam.max()
        self.w = w  #! fit,predict,repeat: self.w = X[y > 0].mean(axis=0) - X[y < 0].mean(axis=0)
        self.w0 = np.mean([y[n] - X[n] @ w for n in range(len(X)) if lam[n] > 1e-8])

    def predict(self, X):
        return np.sign(X @ self.w + self.w0).reshape(-1, 1)
