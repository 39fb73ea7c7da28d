# items: explained_variance
import numpy as np


class MyPCA:
    """One direction after the other, by powers of the covariance; variances over the number of rows, in a list."""

    def __init__(self, num_components=2):
        self.k = num_components

    def fit(self, data):
        n, d = data.shape
        self.average = [sum(data[:, j]) / n for j in range(d)]
        about = np.array([[row[j] - self.average[j] for j in range(d)] for row in data])
        matrix = about.T @ about / n  #! transform,explained_variance,repeat: matrix = np.array(data).T @ np.array(data) / n
        self.axes, self.explained_variance = [], []
        for _ in range(self.k):
            v = np.ones(d)
            for _ in range(3000):
                v = matrix @ v
                v = v / np.sqrt((v**2).sum())
            self.axes.append(v)
            self.explained_variance.append(v @ matrix @ v)  #! explained_variance: self.explained_variance.append(np.sqrt(v @ matrix @ v))
            matrix = matrix - self.explained_variance[-1] * np.outer(v, v)  #! explained_variance: matrix = matrix - self.explained_variance[-1] ** 2 * np.outer(v, v)

    def transform(self, data):
        return [[sum((row - np.array(self.average)) * axis) for axis in self.axes] for row in data]
