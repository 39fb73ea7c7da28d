# items: k_nearest_neighbours
from collections import Counter

import numpy as np


def euclidean_distance(a, b):
    return np.sqrt(np.sum((a - b) ** 2))  #! predict,repeat: return np.sum(np.abs(a - b))


class KNN:
    def __init__(self, k=3):
        self.k = k

    def fit(self, X, y):
        self.X_train = X
        self.y_train = y

    def predict(self, X):
        return np.array([self._predict(x) for x in X])

    def _predict(self, x):
        distances = [euclidean_distance(x, other) for other in self.X_train]
        nearest = np.argsort(distances)[: self.k]
        labels = [self.y_train[i] for i in nearest]
        return Counter(labels).most_common(1)[0][0]
