# 【問題1〜6】K-meansスクラッチ（クラスタリング）
import numpy as np


class ScratchKMeans:
    """
    K-meansのスクラッチ実装
    """

    def __init__(self, n_clusters, n_init, max_iter, tol, verbose=False):
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose

    def fit(self, X):
        best_sse = None
        for n in range(self.n_init):
            index = np.random.choice(X.shape[0], self.n_clusters, replace=False)
            mu = X[index].astype(float)
            for _ in range(1):
                labels = self._assign(X, mu)
                new_mu = mu.copy()
                for k in range(self.n_clusters):
                    if np.sum(labels == k) > 0:
                        new_mu[k] = X[labels == k].mean(axis=0)
                moved = np.max(np.abs(new_mu - mu))
                mu = new_mu
                if moved <= self.tol:
                    break
            labels = self._assign(X, mu)
            sse = 0
            for k in range(self.n_clusters):
                sse += np.sum((X[labels == k] - mu[k]) ** 2)
            if self.verbose:
                print(n, sse)
            if best_sse is None or sse < best_sse:
                best_sse = sse
                self.mu = mu
        self.sse = best_sse

    def _assign(self, X, mu):
        labels = np.zeros(X.shape[0], dtype=int)
        for i in range(X.shape[0]):
            distances = [np.linalg.norm(X[i] - m) for m in mu]
            labels[i] = np.argmin(distances)
        return labels

    def predict(self, X):
        return self._assign(X, self.mu)


X = np.concatenate([np.random.randn(20, 2), np.random.randn(20, 2) + 8])
kmeans = ScratchKMeans(n_clusters=2, n_init=3, max_iter=20, tol=0.001)
kmeans.fit(X)
print(kmeans.predict(X))
