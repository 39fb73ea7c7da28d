# items: k_nearest_neighbours
import numpy as np


class ScratchKNNClassifier:
    """Targets are a column; the rows are sorted by hand, squares are not rooted."""

    def __init__(self, n_neighbors, verbose):
        self.n_neighbors = n_neighbors
        self.verbose = verbose

    def fit(self, X, y):
        if y.ndim != 2:
            raise ValueError("y must be a column")
        self.rows = np.concatenate([X, y], axis=1)
        return self

    def predict(self, X):
        answers = []
        for x in X:
            ranked = sorted((sum((a - b) ** 2 for a, b in zip(x, row[:-1])), row[-1]) for row in self.rows)
            votes = {}
            for _, label in ranked[: self.n_neighbors]:  #! predict,repeat: for _, label in ranked[: self.n_neighbors + 1]:
                votes[label] = votes.get(label, 0) + 1
            answers.append(max(votes, key=votes.get))
        return answers
