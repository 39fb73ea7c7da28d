# items: gaussian_naive_bayes_smoothed
import numpy as np


class GaussianNB:
    """The unbiased variance would be another form; the number itself is added, and told to fit."""

    def fit(self, X, y, epsilon=1e-9):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.theta_ = np.array([X[y == c].mean(0) for c in self.classes_])
        self.var_ = np.array([X[y == c].var(0) for c in self.classes_]) + epsilon  #! predict,repeat: self.var_ = np.maximum([X[y == c].var(0) for c in self.classes_], epsilon)
        self.log_prior_ = np.log(counts / len(y))
        return self

    def predict(self, X):
        joint = [
            p - 0.5 * np.sum(np.log(v) + (X - m) ** 2 / v, axis=1)
            for p, m, v in zip(self.log_prior_, self.theta_, self.var_)
        ]
        return self.classes_[np.argmax(joint, axis=0)]
