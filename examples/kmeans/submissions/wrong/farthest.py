# K-means clustering from scratch, first centres far from each other
import numpy as np


def squared(X, centers):
    return np.sum((X[:, np.newaxis] - centers) ** 2, axis=-1)


class KMeans:
    def __init__(self, k, n_init=10, max_iter=100):
        self.k, self.n_init, self.max_iter = k, n_init, max_iter

    def start(self, X):
        centers = [X[np.random.randint(len(X))]]
        while len(centers) < self.k:
            d = squared(X, np.array(centers)).min(axis=1)
            centers.append(X[np.random.choice(len(X), p=d / d.sum())])
        return np.array(centers)

    def fit(self, X):
        results = []
        for _ in range(self.n_init):
            centers = self.start(X)
            for _ in range(self.max_iter):
                groups = squared(X, centers).argmin(axis=1)
                moved = np.array([
                    X[groups == j].mean(axis=0) if (groups == j).any() else centers[j]
                    for j in range(self.k)
                ])
                if np.allclose(moved, centers, rtol=0, atol=1e-12):
                    break
                centers = moved
            results.append((squared(X, centers).min(axis=1).sum(), centers))
        self.inertia_, self.cluster_centers_ = min(results, key=lambda r: r[0])
        self.labels_ = squared(X, self.cluster_centers_).argmin(axis=1)
        return self

    def predict(self, X):
        return squared(X, self.cluster_centers_).argmax(axis=1)
