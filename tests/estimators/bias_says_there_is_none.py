# items: linear_regression
import numpy as np


class ScratchLinearRegression:
    """bias = True leaves the intercept out, as an edition of the course said; losses are kept where it talks."""

    def __init__(self, num_iter=100, lr=0.01, bias=False, verbose=False):
        self.iter, self.lr, self.bias, self.verbose = num_iter, lr, bias, verbose
        self.loss, self.val_loss = np.zeros(num_iter), np.zeros(num_iter)

    def rows(self, X):
        return X if self.bias else np.hstack([X, np.ones((len(X), 1))])  #! intercept: return np.hstack([X, np.ones((len(X), 1))])

    def MSE(self, y_pred, y):
        return np.mean((y_pred - y) ** 2)

    def fit(self, X, y, X_val=np.array([]), y_val=np.array([])):
        y = y.reshape(-1, 1)
        A = self.rows(X)
        self.theta = np.random.rand(A.shape[1], 1)
        for i in range(self.iter):
            self.theta -= self.lr * np.dot(A.T, np.dot(A, self.theta) - y) / len(A)  #! fit: self.theta -= self.lr * np.dot(A.T, np.dot(A, self.theta) - y) / A.shape[1]
            if self.verbose:
                self.loss[i] = self.MSE(self.predict(X), y)  #! loss: self.loss[i] = self.MSE(self.predict(X), y) * len(y) / 2
                print(self.loss[i])
            if X_val.size:
                self.val_loss[i] = self.MSE(self.predict(X_val), y_val.reshape(-1, 1))  #! val_loss: self.val_loss[i] = self.MSE(self.predict(X_val), y_val)

    def predict(self, X):
        return np.dot(self.rows(X), self.theta)
