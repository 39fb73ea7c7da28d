# items: k_means
import random


class KMeans:
    """Lists alone, centres from anywhere in the rows' range, with an iteration of its own in the end."""

    def __init__(self, k=3, max_iterations=100):
        self.k = k
        self.max_iterations = max_iterations

    def fit(self, X):
        rows = [list(x) for x in X]
        self.centroids = [list(row) for row in random.sample(rows, self.k)]
        for _ in range(self.max_iterations):
            groups = [[] for _ in range(self.k)]
            for row in rows:
                groups[self.closest(row)].append(row)
            old = [list(c) for c in self.centroids]
            for i, group in enumerate(groups):
                if group:
                    self.centroids[i] = [sum(column) / len(group) for column in zip(*group)]  #! fit,predict,repeat: self.centroids[i] = [sorted(column)[len(group) // 2] for column in zip(*group)]
            if old == self.centroids:
                break
        return self

    def closest(self, row):
        squares = [sum((a - b) ** 2 for a, b in zip(row, c)) for c in self.centroids]  #! fit,predict,repeat: squares = [sum(abs(a - b) for a, b in zip(row, c)) for c in self.centroids]
        return squares.index(min(squares))

    def predict(self, X):
        return [self.closest(list(x)) for x in X]
