# items: he_initializer xavier_initializer
import numpy as np


class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, n_nodes1, n_nodes2):
        return self.sigma * np.random.randn(n_nodes1, n_nodes2)

    def B(self, n_nodes2):
        return self.sigma * np.random.randn(1, n_nodes2)


class He:
    def __init__(self, n):
        self.n = n

    def std(self):
        return np.sqrt(2 / self.n)  #! forward: return np.sqrt(1 / self.n)


class Xavier:
    def __init__(self, n):
        self.calc = 1 / np.sqrt(n)  #! xavier_initializer.forward: self.calc = 1 / n


initializers = [SimpleInitializer(He(784).std()), SimpleInitializer(Xavier(784).calc)]
