# items: logistic_regression
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class LogisticRegression:
    """Settings of fit, C as one over the penalty, two columns of probabilities, weights and intercept apart."""

    def fit(self, X, y, X_test=None, y_test=None, epochs=100, eta=0.1, C=1.0):
        n, d = X.shape
        self.w, self.b = np.zeros((d, 1)), 0.0
        self.history = {"loss": [], "val_loss": []}
        for _ in range(epochs):
            self.history["loss"].append(self.cost(X, y, C))
            if X_test is not None:
                self.history["val_loss"].append(self.cost(X_test, y_test, C))
            off = sigmoid(X @ self.w + self.b) - y.reshape(-1, 1)
            self.w, self.b = self.w - eta * (X.T @ off + self.w / C) / n, self.b - eta * off.mean()  #! regularisation: self.w, self.b = self.w - eta * (X.T @ off - self.w / C) / n, self.b - eta * off.mean()
        return self

    def cost(self, X, y, C):
        p = self.predict_proba(X)[:, 1]
        return -np.mean(np.log(np.where(y == 1, p, 1 - p))) + np.sum(self.w**2) / (2 * C * len(y))  #! loss,val_loss: return -np.mean(np.log(p))

    def predict_proba(self, X):
        p = sigmoid(X @ self.w + self.b).ravel()
        return np.column_stack([1 - p, p])  #! predict_proba,loss,val_loss: return np.column_stack([p, 1 - p])

    def predict(self, X):
        return [1 if s > 0 else 0 for s in (X @ self.w + self.b).ravel()]  #! predict: return [1 if s > 0.5 else 0 for s in (X @ self.w + self.b).ravel()]
