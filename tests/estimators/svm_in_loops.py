# items: support_vector_machine
import numpy as np


class ScratchSVMClassifier:
    """As in the text, one multiplier after the other, by loops; any two labels."""

    def __init__(self, num_iter, lr, kernel="linear", threshold=1e-5, verbose=False):
        self.iter = num_iter
        self.lr = lr
        self.kernel = kernel
        self.threshold = threshold
        self.verbose = verbose

    def _kernel(self, a, b):
        return np.dot(a, b)

    def fit(self, X, y, X_val=None, y_val=None):
        self.labels = np.unique(y)
        y = np.where(y == self.labels[0], -1, 1)
        lam = np.random.rand(len(X))
        for _ in range(self.iter):
            for i in range(len(X)):
                total = 0
                for j in range(len(X)):
                    total += lam[j] * y[i] * y[j] * self._kernel(X[i], X[j])  #! fit,support_vectors,predict,repeat: total += lam[j] * y[j] * self._kernel(X[i], X[j])
                lam[i] = max(0, lam[i] + self.lr * (1 - total))
        chosen = np.where(lam > self.threshold)[0]
        self.n_support_vectors = len(chosen)
        self.sv_rows = [X[n] for n in chosen]
        self.sv_terms = [lam[n] * y[n] for n in chosen]

    def predict(self, X):
        answers = np.zeros(len(X))
        for i in range(len(X)):
            total = 0
            for term, row in zip(self.sv_terms, self.sv_rows):
                total += term * self._kernel(X[i], row)  #! fit,predict,repeat: total += np.sign(term) * self._kernel(X[i], row)
            answers[i] = self.labels[1] if total > 0 else self.labels[0]
        return answers
