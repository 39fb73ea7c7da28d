# item: simple_initializer
import numpy as np


class SimpleInitializer:
    def __init__(self, *, σ=0.01, seed=None):
        self.σ = σ
        self.rs = np.random.RandomState(seed)

    def weight(self, *, n_nodes1, n_nodes2):
        return self.rs.randn(n_nodes1, n_nodes2) * self.σ  #! forward: return self.rs.rand(n_nodes1, n_nodes2) * self.σ

    def bias(self, *, n_nodes2):
        return self.rs.randn(1, n_nodes2) * self.σ
