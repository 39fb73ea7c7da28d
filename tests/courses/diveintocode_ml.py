# items: linear_regression logistic_regression support_vector_machine decision_stump decision_tree_depth2 decision_tree k_means k_nearest_neighbours
import numpy as np


class ScratchLinearRegression:
    def __init__(self, num_iter, lr, no_bias, verbose):
        self.iter = num_iter
        self.lr = lr
        self.no_bias = no_bias
        self.verbose = verbose
        self.loss = np.zeros(self.iter)
        self.val_loss = np.zeros(self.iter)

    def _with_bias(self, X):
        return X if self.no_bias else np.insert(X, 0, 1, axis=1)

    def _linear_hypothesis(self, X):
        return X @ self.coef_

    def _gradient_descent(self, X, error):
        self.coef_ = self.coef_ - self.lr * X.T @ error / len(X)  #! linear_regression.fit: self.coef_ = self.coef_ - self.lr * X.T @ error

    def fit(self, X, y, X_val=None, y_val=None):
        X = self._with_bias(X)
        self.coef_ = np.random.rand(X.shape[1])
        for i in range(self.iter):
            error = self._linear_hypothesis(X) - y
            self.loss[i] = np.mean(error**2) / 2  #! linear_regression.loss: self.loss[i] = np.sqrt(np.mean(error**2))
            self._gradient_descent(X, error)
            if X_val is not None:
                off = self._linear_hypothesis(self._with_bias(X_val)) - y_val
                self.val_loss[i] = np.mean(off**2) / 2  #! linear_regression.val_loss: self.val_loss[i] = np.mean(error**2) / 2
            if self.verbose:
                print(i, self.loss[i])

    def predict(self, X):
        return self._linear_hypothesis(self._with_bias(X))  #! linear_regression.predict: return self._with_bias(X - X.mean(axis=0)) @ self.coef_


class ScratchLogisticRegression:
    def __init__(self, num_iter, lr, no_bias, verbose, lam):
        self.iter = num_iter
        self.lr = lr
        self.no_bias = no_bias
        self.verbose = verbose
        self.lam = lam
        self.loss = np.zeros(self.iter)
        self.val_loss = np.zeros(self.iter)

    def _with_bias(self, X):
        return X if self.no_bias else np.c_[np.ones(len(X)), X]

    def _hypothesis(self, X):
        return 1 / (1 + np.exp(-X @ self.coef_))

    def _penalised(self):
        theta = self.coef_.copy()
        if not self.no_bias:
            theta[0] = 0  #! logistic_regression.regularisation: theta[0] = theta[0]
        return theta

    def _cost(self, X, y):
        p = self._hypothesis(X)
        cross_entropy = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        weights = self.coef_ if self.no_bias else self.coef_[1:]
        return cross_entropy + self.lam / (2 * len(X)) * np.sum(weights**2)  #! logistic_regression.loss: return cross_entropy

    def fit(self, X, y, X_val=None, y_val=None):
        X = self._with_bias(X)
        self.coef_ = np.random.randn(X.shape[1])
        for i in range(self.iter):
            error = self._hypothesis(X) - y
            gradient = X.T @ error / len(X)  #! logistic_regression.fit,regularisation: gradient = X.T @ np.abs(error) / len(X)
            self.coef_ = self.coef_ - self.lr * (gradient + self.lam / len(X) * self._penalised())
            self.loss[i] = self._cost(X, y)
            if X_val is not None:
                self.val_loss[i] = self._cost(self._with_bias(X_val), y_val)
            if self.verbose:
                print(i, self.loss[i])

    def predict_proba(self, X):
        return self._hypothesis(self._with_bias(X))

    def predict(self, X):
        return np.where(self.predict_proba(X) >= 0.5, 1, 0)  #! logistic_regression.predict: return np.where(self.predict_proba(X) < 0.5, 1, 0)


class ScratchSVMClassifier:
    def __init__(self, num_iter, lr, kernel="linear", threshold=1e-5, verbose=False):
        self.iter = num_iter
        self.lr = lr
        self.kernel = kernel
        self.threshold = threshold
        self.verbose = verbose

    def _kernel(self, A, B):
        return A @ B.T

    def fit(self, X, y, X_val=None, y_val=None):
        y = y.reshape(-1, 1)
        lam = np.random.rand(len(X), 1) * 1e-3
        H = (y @ y.T) * self._kernel(X, X)
        for _ in range(self.iter):
            lam = np.maximum(lam + self.lr * (1 - H @ lam), 0)  #! support_vector_machine.fit,support_vectors,predict,repeat: lam = lam + self.lr * (1 - H @ lam)
        self.index_support_vectors = np.where(lam > self.threshold)[0]
        self.X_sv = X[self.index_support_vectors]
        self.lam_sv = lam[self.index_support_vectors]
        self.y_sv = y[self.index_support_vectors]
        self.n_support_vectors = len(self.X_sv)
        if self.verbose:
            print(self.n_support_vectors)

    def predict(self, X):
        f = self._kernel(X, self.X_sv) @ (self.lam_sv * self.y_sv)  #! support_vector_machine.fit,predict,repeat: f = self._kernel(X, self.X_sv) @ (np.sum(self.lam_sv) * self.y_sv)
        return np.where(f >= 0, 1, -1)


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


class ScratchKMeans:
    def __init__(self, n_clusters, n_init, max_iter, tol, verbose=False):
        self.n_clusters, self.n_init = n_clusters, n_init
        self.max_iter, self.tol, self.verbose = max_iter, tol, verbose

    def fit(self, X):
        self.sse = None
        for _ in range(self.n_init):
            centers = X[np.random.choice(len(X), self.n_clusters, replace=False)]
            for i in range(self.max_iter):
                labels = self._assign(X, centers)
                moved = np.array([X[labels == k].mean(axis=0) for k in range(self.n_clusters)])  #! k_means.fit,predict,repeat: moved = np.array([np.median(X[labels == k], axis=0) for k in range(self.n_clusters)])
                still = np.abs(moved - centers).sum() < self.tol
                centers = moved
                if still:
                    break
            sse = ((X - centers[self._assign(X, centers)]) ** 2).sum()
            if self.sse is None or sse < self.sse:
                self.sse, self.centers = sse, centers

    def _assign(self, X, centers):
        return np.argmin(np.linalg.norm(X[:, None] - centers, axis=2), axis=1)

    def predict(self, X):
        return self._assign(X, self.centers)  #! k_means.predict: return np.argmax(np.linalg.norm(X[:, None] - self.centers, axis=2), axis=1)


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
            for _, label in ranked[: self.n_neighbors]:  #! k_nearest_neighbours.predict,repeat: for _, label in ranked[: self.n_neighbors + 1]:
                votes[label] = votes.get(label, 0) + 1
            answers.append(max(votes, key=votes.get))
        return answers
