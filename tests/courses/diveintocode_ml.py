# items: linear_regression logistic_regression
import numpy as np


class ScratchLinearRegression:
    def __init__(self, num_iter, lr, no_bias, verbose):
        self.iter = num_iter
        self.lr = lr
        self.no_bias = no_bias
        self.verbose = verbose
        self.loss = np.zeros(self.iter)
        self.val_loss = np.zeros(self.iter)

    def _with_bias(self, X):
        return X if self.no_bias else np.insert(X, 0, 1, axis=1)

    def _linear_hypothesis(self, X):
        return X @ self.coef_

    def _gradient_descent(self, X, error):
        self.coef_ = self.coef_ - self.lr * X.T @ error / len(X)  #! linear_regression.fit: self.coef_ = self.coef_ - self.lr * X.T @ error

    def fit(self, X, y, X_val=None, y_val=None):
        X = self._with_bias(X)
        self.coef_ = np.random.rand(X.shape[1])
        for i in range(self.iter):
            error = self._linear_hypothesis(X) - y
            self.loss[i] = np.mean(error**2) / 2  #! linear_regression.loss: self.loss[i] = np.sqrt(np.mean(error**2))
            self._gradient_descent(X, error)
            if X_val is not None:
                off = self._linear_hypothesis(self._with_bias(X_val)) - y_val
                self.val_loss[i] = np.mean(off**2) / 2  #! linear_regression.val_loss: self.val_loss[i] = np.mean(error**2) / 2
            if self.verbose:
                print(i, self.loss[i])

    def predict(self, X):
        return self._linear_hypothesis(self._with_bias(X))  #! linear_regression.predict: return self._with_bias(X - X.mean(axis=0)) @ self.coef_


class ScratchLogisticRegression:
    def __init__(self, num_iter, lr, no_bias, verbose, lam):
        self.iter = num_iter
        self.lr = lr
        self.no_bias = no_bias
        self.verbose = verbose
        self.lam = lam
        self.loss = np.zeros(self.iter)
        self.val_loss = np.zeros(self.iter)

    def _with_bias(self, X):
        return X if self.no_bias else np.c_[np.ones(len(X)), X]

    def _hypothesis(self, X):
        return 1 / (1 + np.exp(-X @ self.coef_))

    def _penalised(self):
        theta = self.coef_.copy()
        if not self.no_bias:
            theta[0] = 0  #! logistic_regression.regularisation: theta[0] = theta[0]
        return theta

    def _cost(self, X, y):
        p = self._hypothesis(X)
        cross_entropy = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        weights = self.coef_ if self.no_bias else self.coef_[1:]
        return cross_entropy + self.lam / (2 * len(X)) * np.sum(weights**2)  #! logistic_regression.loss: return cross_entropy

    def fit(self, X, y, X_val=None, y_val=None):
        X = self._with_bias(X)
        self.coef_ = np.random.randn(X.shape[1])
        for i in range(self.iter):
            error = self._hypothesis(X) - y
            gradient = X.T @ error / len(X)  #! logistic_regression.fit,regularisation: gradient = X.T @ np.abs(error) / len(X)
            self.coef_ = self.coef_ - self.lr * (gradient + self.lam / len(X) * self._penalised())
            self.loss[i] = self._cost(X, y)
            if X_val is not None:
                self.val_loss[i] = self._cost(self._with_bias(X_val), y_val)
            if self.verbose:
                print(i, self.loss[i])

    def predict_proba(self, X):
        return self._hypothesis(self._with_bias(X))

    def predict(self, X):
        return np.where(self.predict_proba(X) >= 0.5, 1, 0)  #! logistic_regression.predict: return np.where(self.predict_proba(X) < 0.5, 1, 0)
