# items: linear_regression
import numpy as np


class LinearRegression:
    """Its start can't be repeated: where it settles tells."""

    def __init__(self, learning_rate=0.01, n_iterations=1000, fit_intercept=True):
        self.learning_rate, self.n_iterations = learning_rate, n_iterations
        self.fit_intercept = fit_intercept

    def fit(self, X, y):
        self.weights = np.random.default_rng().standard_normal(X.shape[1])
        self.bias = 0.0
        for _ in range(self.n_iterations):
            error = self.predict(X) - y
            self.weights -= self.learning_rate * X.T @ error / len(y)  #! fit: self.weights -= self.learning_rate * np.mean(X.T @ np.abs(error)) / len(y)
            if self.fit_intercept:
                self.bias -= self.learning_rate * error.mean()
        return self

    def predict(self, X):
        return X @ self.weights + self.bias
