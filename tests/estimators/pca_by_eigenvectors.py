# items: principal_components
import numpy as np


class PCA:
    def __init__(self, n_components):
        self.n_components = n_components
        self.components, self.mean = None, None

    def fit(self, X):
        self.mean = np.mean(X, axis=0)
        centred = X - self.mean
        values, vectors = np.linalg.eig(np.cov(centred.T))
        order = np.argsort(values)[::-1]  #! transform,repeat: order = np.argsort(values)
        self.components = vectors.T[order][: self.n_components]  #! repeat,transform: self.components = vectors[order][: self.n_components]

    def transform(self, X):
        return np.dot(X - self.mean, self.components.T)
