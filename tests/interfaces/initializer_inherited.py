# items: simple_initializer xavier_initializer he_initializer
from abc import ABC, abstractmethod

import numpy as np


class Initializer(ABC):
    @abstractmethod
    def _std(self, n):
        ...

    def W(self, n_nodes1: int, n_nodes2: int) -> np.ndarray:
        return self._std(n_nodes1) * np.random.randn(n_nodes1, n_nodes2)

    def B(self, n_nodes2: int) -> np.ndarray:
        return np.zeros(n_nodes2)


class SimpleInitializer(Initializer):
    def __init__(self, sigma: float = 0.01) -> None:
        super().__init__()
        self.sigma = sigma

    def _std(self, n):
        return self.sigma


class XavierInitializer(Initializer):
    def _std(self, n):
        return 1 / np.sqrt(n)


class HeInitializer(Initializer):
    def _std(self, n):
        return np.sqrt(2 / n)  #! he_initializer.forward: return 2 / np.sqrt(n)
