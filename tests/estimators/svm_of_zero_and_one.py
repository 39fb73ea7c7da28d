# items: support_vector_machine
import numpy as np


class ScratchSVMClassifier:
    """Labels are 0 and 1, as a table has them; inside they are the sides of the plane."""

    def __init__(self, num_iter, lr, kernel="linear", threshold=1e-5, verbose=False):
        self.iter, self.lr, self.kernel, self.threshold, self.verbose = num_iter, lr, kernel, threshold, verbose

    def fit(self, X, y, X_val=None, y_val=None):
        sides = 2 * y - 1
        pairs = np.outer(sides, sides) * (X @ X.T)
        lam = np.zeros(len(X))
        for _ in range(self.iter):
            for i in range(len(X)):
                lam[i] = max(0.0, lam[i] + self.lr * (1 - pairs[i] @ lam))  #! fit,support_vectors,predict,repeat: lam[i] = max(0.0, lam[i] + self.lr * (1 - X[i] @ X.T @ lam))
        self.index_support_vectors = np.flatnonzero(lam > self.threshold)
        self.w = (lam * sides) @ X

    def predict(self, X):
        return (X @ self.w >= 0).astype(int)
