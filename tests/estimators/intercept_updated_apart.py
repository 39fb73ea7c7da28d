# items: logistic_regression
import numpy as np


class ScratchLogisticRegression:
    """bias = True leaves the intercept out; where there is one it is moved by a line of its own, without the penalty."""

    def __init__(self, num_iter=100, lr=0.01, bias=False, verbose=False, lam=1.0):
        self.iter, self.lr, self.bias, self.verbose, self.lam = num_iter, lr, bias, verbose, lam
        self.loss, self.val_loss = np.zeros(num_iter), np.zeros(num_iter)

    def rows(self, X):
        return X if self.bias else np.hstack([np.ones((len(X), 1)), X])

    def proba(self, A):
        return 1 / (1 + np.exp(-A @ self.theta))

    def cost(self, A, y):
        p = self.proba(A)
        weights = self.theta if self.bias else self.theta[1:]
        return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)) + self.lam / (2 * len(A)) * np.sum(weights**2)

    def fit(self, X, y, X_val=None, y_val=None):
        A = self.rows(X)
        self.theta = np.random.rand(A.shape[1])
        for i in range(self.iter):
            error = self.proba(A) - y
            if self.bias:
                self.theta = self.theta - self.lr * (A.T @ error + self.lam * self.theta) / len(A)
            else:
                self.theta[0] -= self.lr * (A[:, 0] @ error) / len(A)
                self.theta[1:] -= self.lr * (A[:, 1:].T @ error + self.lam * self.theta[1:]) / len(A)  #! fit,regularisation: self.theta[1:] -= self.lr * (A[:, 1].T @ error + self.lam * self.theta[1:]) / len(A)
            self.loss[i] = self.cost(A, y)
            if X_val is not None:
                self.val_loss[i] = self.cost(self.rows(X_val), y_val)

    def predict_proba(self, X):
        return self.proba(self.rows(X))

    def predict(self, X):
        return (self.predict_proba(X) >= 0.5).astype(int)
