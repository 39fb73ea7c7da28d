# items: gaussian_naive_bayes
import math

import numpy as np


class NaiveBayes:
    """Products of densities, row by row, in dicts of classes; a tiny number beside each variance."""

    def fit(self, X, y):
        self.parts = {}
        for c in set(y.tolist()):
            rows = X[y == c]
            self.parts[c] = (len(rows) / len(X), rows.mean(axis=0), rows.var(axis=0) + 1e-9)  #! predict,repeat: self.parts[c] = (1 / 3, rows.mean(axis=0), rows.var(axis=0) + 1e-9)

    def _density(self, v, mean, var):
        return math.exp(-((v - mean) ** 2) / (2 * var)) / math.sqrt(2 * math.pi * var)  #! repeat,predict: return math.exp(-((v - mean) ** 2) / (2 * var**2)) / math.sqrt(2 * math.pi * var**2)

    def predict(self, X):
        answers = []
        for x in X:
            best = {}
            for c, (prior, mean, var) in self.parts.items():
                best[c] = prior * math.prod(self._density(*one) for one in zip(x, mean, var))
            answers.append(max(best, key=best.get))
        return answers
