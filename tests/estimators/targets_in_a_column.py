# items: linear_regression
import numpy as np


class ScratchLinearRegression:
    """Targets are a column, (N, 1), as a table's one column is."""

    def __init__(self, num_iter=500, lr=0.01, no_bias=False, verbose=False):
        self.iter, self.lr, self.no_bias, self.verbose = num_iter, lr, no_bias, verbose
        self.loss, self.val_loss = np.zeros(num_iter), np.zeros(num_iter)

    def rows(self, X):
        return X if self.no_bias else np.concatenate([np.ones((len(X), 1)), X], axis=1)

    def error(self, A, y):
        return A @ self.theta - y

    def fit(self, X, y, X_val=None, y_val=None):
        A = self.rows(X)
        self.theta = np.zeros((A.shape[1], y.shape[1]))
        for i in range(self.iter):
            self.loss[i] = (self.error(A, y) ** 2).mean() / 2
            if X_val is not None:
                self.val_loss[i] = (self.error(self.rows(X_val), y_val) ** 2).mean() / 2  #! val_loss: self.val_loss[i] = (self.error(self.rows(X_val), y_val) ** 2).sum() / 2
            self.theta = self.theta - self.lr * (A.T @ self.error(A, y)) / len(A)  #! fit: self.theta = self.theta - self.lr * (A.T @ self.error(A, y)) / A.shape[1]

    def predict(self, X):
        return self.rows(X) @ self.theta
