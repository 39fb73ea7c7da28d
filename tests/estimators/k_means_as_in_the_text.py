# items: k_means
import numpy as np


class ScratchKMeans:
    def __init__(self, n_clusters, n_init, max_iter, tol, verbose=False):
        self.n_clusters, self.n_init = n_clusters, n_init
        self.max_iter, self.tol, self.verbose = max_iter, tol, verbose

    def fit(self, X):
        self.sse = None
        for _ in range(self.n_init):
            centers = X[np.random.choice(len(X), self.n_clusters, replace=False)]
            for i in range(self.max_iter):
                labels = self._assign(X, centers)
                moved = np.array([X[labels == k].mean(axis=0) for k in range(self.n_clusters)])  #! fit,predict,repeat: moved = np.array([np.median(X[labels == k], axis=0) for k in range(self.n_clusters)])
                still = np.abs(moved - centers).sum() < self.tol
                centers = moved
                if still:
                    break
            sse = ((X - centers[self._assign(X, centers)]) ** 2).sum()
            if self.sse is None or sse < self.sse:
                self.sse, self.centers = sse, centers

    def _assign(self, X, centers):
        return np.argmin(np.linalg.norm(X[:, None] - centers, axis=2), axis=1)

    def predict(self, X):
        return self._assign(X, self.centers)  #! predict: return np.argmax(np.linalg.norm(X[:, None] - self.centers, axis=2), axis=1)
