"""Weights to start from. Each initialiser is called with a shape, a fan-in and a generator."""

from abc import ABC, abstractmethod
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array


class Initializer(ABC):
    """Draws weights from a Gaussian of mean 0 whose spread may depend on the fan-in.

    ``dtype`` is float64 (the default) or float32; ValueError for another.
    """

    def __init__(self, dtype: DTypeLike = np.float64) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")

    @abstractmethod
    def std(self, n_in: int) -> float:
        """The standard deviation for a unit that has ``n_in`` inputs."""

    def __call__(self, shape: tuple[int, ...], n_in: int, rng: np.random.Generator) -> Array:
        """An array of ``shape`` for units of ``n_in`` inputs; ValueError when n_in is below 1."""
        if n_in < 1:
            raise ValueError(f"n_in must be at least 1, got {n_in}")
        values: Array = rng.standard_normal(shape, self.dtype)
        values *= self.std(n_in)
        return values


class SimpleInitializer(Initializer):
    """A Gaussian of standard deviation ``sigma`` whatever the fan-in; sigma must be >= 0."""

    def __init__(self, sigma: float = 0.01, dtype: DTypeLike = np.float64) -> None:
        super().__init__(dtype)
        if not sigma >= 0:
            raise ValueError(f"sigma must be at least 0, got {sigma}")
        self.sigma = sigma

    def std(self, n_in: int) -> float:
        """Sigma."""
        return self.sigma


class XavierInitializer(Initializer):
    """A Gaussian of standard deviation 1 / sqrt(n_in).

    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010), equation 1, in the Gaussian form that the sprints teach.
    """

    def std(self, n_in: int) -> float:
        """1 / sqrt(n_in)."""
        return 1 / sqrt(n_in)


class HeInitializer(Initializer):
    """A Gaussian of standard deviation sqrt(2 / n_in).

    He, Zhang, Ren & Sun, "Delving deep into rectifiers" (arXiv:1502.01852), equation 10.
    """

    def std(self, n_in: int) -> float:
        """sqrt(2 / n_in)."""
        return sqrt(2 / n_in)
