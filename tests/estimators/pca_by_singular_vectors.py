# items: explained_variance
import numpy as np


class PrincipalComponentAnalysis:
    """Singular vectors of the centred rows; all shares are kept, the directions are as many as transform is told."""

    def fit(self, X, y=None):
        self.mu_ = X.mean(axis=0, keepdims=True)
        _, s, self.vt_ = np.linalg.svd(X - self.mu_, full_matrices=False)
        self.explained_variance_ = s**2 / len(X)
        self.explained_variance_ratio_ = s**2 / np.sum(s**2)  #! explained_variance: self.explained_variance_ratio_ = s / np.sum(s)
        self.cumulative_ratio_ = np.cumsum(self.explained_variance_ratio_)
        return self

    def transform(self, X, k=2):
        return (X - self.mu_) @ self.vt_[:k].T  #! transform,repeat: return (X - X.mean(axis=0)) @ self.vt_[:k].T
