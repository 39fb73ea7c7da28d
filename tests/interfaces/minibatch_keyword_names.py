# item: get_mini_batch
import numpy as np


class MiniBatchLoader:
    def __init__(self, inputs, targets, *, n_batch=32, shuffle=True):
        index = np.random.permutation(len(inputs)) if shuffle else np.arange(len(inputs))
        self.inputs, self.targets, self.n_batch = inputs[index], targets[index], n_batch  #! forward: self.inputs, self.targets, self.n_batch = inputs[index], targets, n_batch
        self.steps = -(-len(inputs) // n_batch)

    def __len__(self):
        return self.steps

    def __iter__(self):
        self.at = 0
        return self

    def __next__(self):
        if self.at == self.steps:
            raise StopIteration()
        part = slice(self.at * self.n_batch, (self.at + 1) * self.n_batch)
        self.at += 1
        return self.inputs[part], self.targets[part]
