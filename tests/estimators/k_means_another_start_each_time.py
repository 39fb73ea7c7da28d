# items: k_means
import numpy as np


class K_Means:
    """Its start is another in each fit, and its centres are told by nothing."""

    def __init__(self, num_clusters, random_state=None):
        self.num_clusters = num_clusters
        self.rng = np.random.default_rng(random_state)

    def fit(self, X, y=None):
        mine = [X[i] for i in self.rng.permutation(len(X))[: self.num_clusters]]
        labels = np.full(len(X), -1)
        while True:
            new = np.stack([((X - m) ** 2).sum(axis=1) for m in mine]).argmin(axis=0)
            if (new == labels).all():
                break
            labels = new
            for j in range(self.num_clusters):  #! fit,predict,repeat: for j in range(self.num_clusters - 1):
                if (labels == j).any():
                    mine[j] = X[labels == j].mean(axis=0)
        self.where = dict(enumerate(mine))

    def predict(self, X):
        return np.stack([((X - m) ** 2).sum(axis=1) for m in self.where.values()], axis=1).argmin(axis=1)
