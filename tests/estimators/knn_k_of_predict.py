# items: k_nearest_neighbours
import numpy as np


class KNearestNeighbor(object):
    def __init__(self):
        pass

    def train(self, X, y):
        self.X_train = X  #! repeat: self.X_train = np.vstack([self.X_train, X]) if hasattr(self, "X_train") else X
        self.y_train = y  #! repeat: self.y_train = np.append(self.y_train, y) if hasattr(self, "y_train") else y

    def predict(self, X, k=1, num_loops=0):
        return self.predict_labels(self.compute_distances_no_loops(X), k=k)

    def compute_distances_no_loops(self, X):
        cross = X @ self.X_train.T
        return np.sqrt(np.maximum((X**2).sum(axis=1)[:, None] - 2 * cross + (self.X_train**2).sum(axis=1), 0))

    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(len(dists))
        for i in range(len(dists)):
            closest = self.y_train[np.argsort(dists[i])[:k]]  #! predict,repeat: closest = self.y_train[np.argsort(dists[i])[1:k + 1]]
            y_pred[i] = np.argmax(np.bincount(closest))
        return y_pred
