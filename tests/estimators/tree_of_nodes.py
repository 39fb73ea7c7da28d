# items: decision_tree
import numpy as np


class Node:
    def __init__(self, max_depth):
        self.left = self.right = self.feature = self.threshold = self.label = None
        self.depth = None
        self.max_depth = max_depth

    def build(self, X, y, depth):
        self.depth = depth
        labels, counts = np.unique(y, return_counts=True)
        self.label = labels[counts.argmax()]
        if len(labels) == 1 or depth == self.max_depth:
            return
        best = 0.0
        for f in np.random.permutation(X.shape[1]):  #! predict,repeat: for f in np.random.permutation(X.shape[1] - 1):
            values = np.unique(X[:, f])
            for t in (values[:-1] + values[1:]) / 2:
                mask = X[:, f] <= t
                gain = gini(y) - (mask.sum() * gini(y[mask]) + (~mask).sum() * gini(y[~mask])) / len(y)
                if gain > best:
                    best, self.feature, self.threshold = gain, f, t
        if self.feature is None:
            return
        mask = X[:, self.feature] <= self.threshold
        self.left, self.right = Node(self.max_depth), Node(self.max_depth)
        self.left.build(X[mask], y[mask], depth + 1)
        self.right.build(X[~mask], y[~mask], depth + 1)

    def predict(self, x):
        if self.feature is None:
            return self.label
        return (self.left if x[self.feature] <= self.threshold else self.right).predict(x)


def gini(y):
    return 1 - np.sum((np.bincount(y) / len(y)) ** 2)


class DecisionTree:
    def __init__(self, max_depth=None, random_state=None):
        self.max_depth = max_depth
        self.random_state = random_state

    def fit(self, X, y):
        self.tree = Node(self.max_depth)
        self.tree.build(X, y, 0)

    def predict(self, X):
        return [self.tree.predict(x) for x in X]
