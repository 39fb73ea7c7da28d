# item: get_mini_batch
import numpy as np


class GetMiniBatch:
    def __init__(self, X, y, batch_size=20, seed=0):
        self.X, self.y, self.batch_size = X, y, batch_size
        self.rng = np.random.RandomState(seed)
        self.index = self.rng.permutation(X.shape[0])

    def __len__(self):
        return int(np.ceil(len(self.X) / self.batch_size))  #! shape: return int(len(self.X) / self.batch_size)

    def __iter__(self):
        for start in range(0, len(self.X), self.batch_size):
            chosen = self.index[start:start + self.batch_size]
            yield self.X[chosen], self.y[chosen]
