"""Layers that give each feature or each sample the mean 0 and the variance 1."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, own, upstream


class Normalisation(Layer):
    """y = gamma * (x - mean) / sqrt(variance + eps) + beta, of a batch (N, D) or of images (N, C, H, W).

    ``gamma`` and ``beta`` (D,), or (C,), are copied. Mean and variance are over ``axes``, the variance divided by how
    many numbers there are. Raises ValueError for shapes that do not fit.
    """

    axes: tuple[int, ...]
    ndim = 2

    def __init__(self, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> None:
        super().__init__()
        self.params = {"gamma": own(gamma), "beta": own(beta)}
        self.eps = eps
        self._normal: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """(N, D) -> (N, D), (N, C, H, W) -> (N, C, H, W); ValueError for another number of features."""
        self._x = data = self.fitting(x)
        self._mean = data.mean(self.axes, keepdims=True)
        centred = data - self._mean
        self._deviation = np.sqrt(self.variance(centred) + self.eps)
        self._normal = centred / self._deviation
        return np.asarray(self.wide("gamma") * self._normal + self.wide("beta"))

    def fitting(self, x: ArrayLike) -> Array:
        """The input as floats; ValueError if it has other axes or another number of features."""
        data = as_float(x)
        gamma, beta = self.params["gamma"], self.params["beta"]
        if data.ndim != self.ndim or {gamma.shape, beta.shape} != {data.shape[1:2]}:
            raise ValueError(f"x has shape {data.shape}, gamma {gamma.shape}, beta {beta.shape}")
        return data

    def wide(self, name: str) -> Array:
        """A parameter along the second axis of the input."""
        return self.params[name].reshape(-1, *(1,) * (self.ndim - 2))

    def summed(self, array: Array) -> Array:
        """Over all axes but that of the parameters."""
        return np.asarray(array.sum((0, *range(2, self.ndim))))

    def variance(self, centred: Array) -> Array:
        """The mean of the squares."""
        return np.asarray(np.mean(centred**2, axis=self.axes, keepdims=True))

    def backward(self, dy: ArrayLike) -> Array:
        """The shape of x; sets grads gamma and beta, sums over the batch and over positions."""
        normal = self._normal
        if normal is None:
            raise no_forward(self)
        g = upstream(dy, normal.shape, normal.dtype)
        self.grads = {"gamma": self.gamma_gradient(g, normal), "beta": self.beta_gradient(g)}
        return np.asarray(self.back(self.scaled(g), normal) / self._deviation)

    def gamma_gradient(self, g: Array, normal: Array) -> Array:
        """(D,)."""
        return self.summed(g * normal)

    def beta_gradient(self, g: Array) -> Array:
        """(D,)."""
        return self.summed(g)

    def scaled(self, g: Array) -> Array:
        """The gradient of the normalised numbers."""
        return np.asarray(g * self.wide("gamma"))

    def back(self, inner: Array, normal: Array) -> Array:
        """The gradient of the normalised numbers less its mean and its part along them: mean and variance depend
        on every number (Ioffe & Szegedy 2015, section 3; Ba, Kiros & Hinton 2016, section 3.1, the other axis).
        """
        along = normal * np.mean(inner * normal, axis=self.axes, keepdims=True)
        return np.asarray(inner - inner.mean(self.axes, keepdims=True) - along)


class LayerNorm(Normalisation):
    """Normalises each sample over its features (Ba, Kiros & Hinton 2016, "Layer Normalization")."""

    axes: tuple[int, ...] = (1,)


class BatchNorm(Normalisation):
    """Normalises each feature over the batch, as in training (Ioffe & Szegedy 2015, "Batch Normalization")."""

    axes: tuple[int, ...] = (0,)
