# items: he_initializer xavier_initializer
import numpy as np


class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, n_nodes1, n_nodes2):
        return self.sigma * np.random.randn(n_nodes1, n_nodes2)

    def B(self, n_nodes2):
        return self.sigma * np.random.randn(1, n_nodes2)


class HeInitializer:
    def scale(self, n_nodes):
        return np.sqrt(2 / n_nodes)  #! forward: return np.sqrt(1 / n_nodes)


class XavierInitializer:
    def __init__(self, gain=1.0):
        self.gain = gain

    def xavier(self, n_nodes):
        return self.gain / np.sqrt(n_nodes)  #! xavier_initializer.forward: return self.gain / n_nodes


initializers = [SimpleInitializer(HeInitializer().scale(784)), SimpleInitializer(XavierInitializer().xavier(784))]
