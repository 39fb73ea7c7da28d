# items: support_vector_machine
import numpy as np


class SVMClassifier:
    """A column of ones in the rows, samples on end, classes that were 0 and 1; the start is large."""

    def __init__(self, eta=0.01, epochs=100, thresh=1e-4):
        self.eta, self.epochs, self.thresh = eta, epochs, thresh

    def fit(self, X, y):
        if set(np.unique(y)) != {0, 1}:
            raise ValueError("labels must be 0 and 1")
        rows = np.vstack([np.ones(len(X)), X.T])
        sign = (2 * y - 1).reshape(1, -1)
        products = (rows.T @ rows) * (sign.T @ sign)
        alpha = np.full((1, len(X)), 3.0)
        for _ in range(self.epochs):
            alpha = alpha + self.eta * (1 - alpha @ products)
            alpha[alpha < 0] = 0  #! fit,support_vectors,predict,repeat: alpha[alpha < -1e9] = 0
        mine = alpha[0] > self.thresh
        self.support_vectors = rows[:, mine]  #! support_vectors: self.support_vectors = rows[:, :2]
        self.weights = rows[:, mine] @ (alpha * sign)[0, mine]

    def predict(self, X):
        return (np.c_[np.ones(len(X)), X] @ self.weights >= 0).astype(int)  #! predict: return np.c_[np.ones(len(X)), X] @ self.weights + 0.5
