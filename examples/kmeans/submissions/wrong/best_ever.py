# K-means clustering with plain lists
import random


class K_Means:
    def __init__(self, n_clusters=3, n_init=10, n_iter=200):
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.n_iter = n_iter
        self.centroids, self.cost = None, float("inf")

    @staticmethod
    def distance(p, q):
        return sum((a - b) ** 2 for a, b in zip(p, q))

    def nearest(self, p, centroids):
        return min(range(len(centroids)), key=lambda j: self.distance(p, centroids[j]))

    def one_run(self, points):
        centroids = random.sample(points, self.n_clusters)
        for _ in range(self.n_iter):
            groups = [[] for _ in centroids]
            for p in points:
                groups[self.nearest(p, centroids)].append(p)
            moved = [
                [sum(c) / len(g) for c in zip(*g)] if g else old
                for g, old in zip(groups, centroids)
            ]
            if moved == centroids:
                break
            centroids = moved
        return centroids

    def train(self, X):
        points = [list(row) for row in X]
        for _ in range(self.n_init):
            found = self.one_run(points)
            cost = sum(self.distance(p, found[self.nearest(p, found)]) for p in points)
            if cost < self.cost:
                self.cost, self.centroids = cost, found

    def predict(self, X):
        return [self.nearest(row, self.centroids) for row in X]
