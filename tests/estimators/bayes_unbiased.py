# items: gaussian_naive_bayes
import numpy as np


class GaussianNaiveBayes:
    """Deviations over one less than the number of rows, kept in lists; the densities' product, no constant before them."""

    def fit(self, X, y):
        self.labels = sorted(set(y))
        groups = [X[y == label] for label in self.labels]
        self.mu = [g.mean(axis=0) for g in groups]
        self.sd = [g.std(axis=0, ddof=1) for g in groups]  #! predict,repeat: self.sd = [X.std(axis=0, ddof=1) for g in groups]
        self.counts = [len(g) for g in groups]

    def predict(self, X):
        scores = []
        for mu, sd, count in zip(self.mu, self.sd, self.counts):
            each = np.exp(-0.5 * ((X - mu) / sd) ** 2) / sd  #! repeat,predict: each = np.exp(-0.5 * ((X - mu) / sd) ** 2)
            scores.append(count * each.prod(axis=1))
        return np.array(self.labels)[np.argmax(scores, axis=0)]
