# items: gaussian_naive_bayes gaussian_naive_bayes_smoothed principal_components explained_variance
import numpy as np


class GaussianNB:
    def __init__(self, var_smoothing=1e-9):
        self.var_smoothing = var_smoothing

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        added = self.var_smoothing * np.var(X, axis=0).max()  #! gaussian_naive_bayes_smoothed.predict,repeat: added = 0
        self.priors, self.means, self.variances = {}, {}, {}
        for c in self.classes_:
            mine = X[y == c]
            self.priors[c] = len(mine) / len(X)  #! gaussian_naive_bayes.predict,repeat: self.priors[c] = 1
            self.means[c] = mine.mean(axis=0)
            self.variances[c] = mine.var(axis=0) + added
        return self

    def _log_likelihood(self, X, c):
        squares = (X - self.means[c]) ** 2 / (2 * self.variances[c])
        return -np.sum(squares + 0.5 * np.log(2 * np.pi * self.variances[c]), axis=1)  #! gaussian_naive_bayes.repeat,predict: return -np.sum(squares, axis=1)

    def predict(self, X):
        posteriors = [np.log(self.priors[c]) + self._log_likelihood(X, c) for c in self.classes_]
        return self.classes_[np.argmax(posteriors, axis=0)]


class PCA:
    def __init__(self, n_components=2):
        self.n_components = n_components

    def fit(self, X):
        self.mean_ = X.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(X - self.mean_, rowvar=False))
        order = np.argsort(values)[::-1]
        values, vectors = values[order], vectors[:, order]
        self.components_ = vectors[:, : self.n_components].T
        self.explained_variance_ = values[: self.n_components]
        self.explained_variance_ratio_ = self.explained_variance_ / values.sum()  #! explained_variance.explained_variance: self.explained_variance_ratio_ = self.explained_variance_ / self.explained_variance_.sum()
        return self

    def transform(self, X):
        return (X - self.mean_) @ self.components_.T  #! principal_components.transform,repeat: return X @ self.components_.T

    def fit_transform(self, X):
        return self.fit(X).transform(X)
