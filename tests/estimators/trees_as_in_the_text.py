# items: decision_stump decision_tree_depth2 decision_tree
import numpy as np


class ScratchDecesionTreeClassifierDepth1:
    def __init__(self, verbose=False):
        self.verbose = verbose

    def gini(self, y):
        return 1 - sum((np.sum(y == c) / len(y)) ** 2 for c in np.unique(y))

    def gain(self, y, left, right):
        n = len(y)
        return self.gini(y) - len(left) / n * self.gini(left) - len(right) / n * self.gini(right)  #! decision_stump.predict,repeat: return self.gini(y) - self.gini(left) - self.gini(right)

    def best(self, X, y):
        best = (0, None, None)
        for j in range(X.shape[1]):
            for t in np.unique(X[:, j]):
                left, right = y[X[:, j] < t], y[X[:, j] >= t]
                if len(left) == 0 or len(right) == 0:
                    continue
                gain = self.gain(y, left, right)
                if gain > best[0]:
                    best = (gain, j, t)
        return best

    def fit(self, X, y):
        gain, self.feature, self.threshold = self.best(X, y)
        left = X[:, self.feature] < self.threshold
        self.l_label = np.argmax(np.bincount(y[left]))
        self.r_label = np.argmax(np.bincount(y[~left]))
        if self.verbose:
            print(self.feature, self.threshold, gain)

    def predict(self, X):
        return np.where(X[:, self.feature] < self.threshold, self.l_label, self.r_label)


class ScratchDecesionTreeClassifierDepth2(ScratchDecesionTreeClassifierDepth1):
    def fit(self, X, y):
        gain, self.feature, self.threshold = self.best(X, y)
        left = X[:, self.feature] < self.threshold
        self.sides = []
        for side in (left, ~left):
            if len(np.unique(y[side])) == 1:
                self.sides.append(y[side][0])
            else:
                stump = ScratchDecesionTreeClassifierDepth1()
                stump.fit(X[side], y[side])
                self.sides.append(stump)

    def predict(self, X):
        left = X[:, self.feature] < self.threshold
        answers = [s.predict(X) if hasattr(s, "predict") else np.full(len(X), s) for s in self.sides]
        return np.where(left, answers[0], answers[1])  #! decision_tree_depth2.predict,repeat: return np.where(left, answers[1], answers[0])


class ScratchDecesionTreeClassifierDepthInf(ScratchDecesionTreeClassifierDepth1):
    def fit(self, X, y):
        self.root = self.grow(X, y)

    def grow(self, X, y):
        if len(np.unique(y)) == 1:
            return y[0]
        gain, feature, threshold = self.best(X, y)
        left = X[:, feature] < threshold
        return (feature, threshold, self.grow(X[left], y[left]), self.grow(X[~left], y[~left]))

    def predict(self, X):
        return np.array([self.walk(x, self.root) for x in X])

    def walk(self, x, node):
        while isinstance(node, tuple):
            feature, threshold, left, right = node
            node = left if x[feature] < threshold else right  #! decision_tree.predict,repeat: node = left if x[0] < threshold else right
        return node
