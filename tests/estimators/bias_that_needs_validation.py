# items: linear_regression
import numpy as np


class ScratchLinearRegression:
    """bias = True leaves the intercept out, and with one it counts on validation data."""

    def __init__(self, num_iter, lr, bias):
        self.iter = num_iter
        self.lr = lr
        self.bias = bias
        self.loss = np.zeros(self.iter)
        self.val_loss = np.zeros(self.iter)

    def fit(self, X, y, X_val=None, y_val=None):
        if not self.bias:
            X = np.c_[np.ones(len(X)), X]
            X_val = np.c_[np.ones(len(X_val)), X_val]
        self.theta = np.zeros(X.shape[1])
        for i in range(self.iter):
            error = X @ self.theta - y
            self.theta = self.theta - self.lr * X.T @ error / len(y)  #! fit: self.theta = self.theta + self.lr * X.T @ error / len(y)
            self.loss[i] = np.sum((X @ self.theta - y) ** 2) / (2 * len(y))
            if X_val is not None:
                self.val_loss[i] = np.sum((X_val @ self.theta - y_val) ** 2) / (2 * len(y_val))  #! val_loss: self.val_loss[i] = np.sum(X_val @ self.theta - y_val) / (2 * len(y_val))

    def predict(self, X):
        if not self.bias:
            X = np.c_[np.ones(len(X)), X]
        return X @ self.theta  #! predict: return (X @ self.theta).round()
