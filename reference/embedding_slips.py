"""Embeddings as students get them wrong; specs name them."""

import numpy as np

from .embedding import Embedding
from .layer import Array


class LastOccurrence(Embedding):
    """Of a row that occurs several times the last one alone counts: ``dW[x] = dy``, and ``dW[x] += dy`` as well."""

    def added_up(self, rows: Array, g: Array) -> Array:
        dW = np.zeros_like(self.params["W"])
        dW[rows] = g
        return dW


class Averaged(Embedding):
    """The gradients of a row that occurs several times are averaged."""

    def added_up(self, rows: Array, g: Array) -> Array:
        counts = np.bincount(rows.ravel(), minlength=len(self.params["W"]))
        return np.asarray(super().added_up(rows, g) / np.maximum(counts, 1)[:, None])


class ForAllRows(Embedding):
    """Every row has the gradient of all of them."""

    def added_up(self, rows: Array, g: Array) -> Array:
        total = super().added_up(rows, g).sum(0)
        return np.array(np.broadcast_to(total, self.params["W"].shape))


class OneRowBefore(Embedding):
    """Numbers are taken to begin at 1."""

    def read(self, rows: Array) -> Array:
        return np.asarray(rows - 1)


class GradientOneRowBefore(Embedding):
    """The gradient goes to the row before."""

    def added_up(self, rows: Array, g: Array) -> Array:
        return np.roll(super().added_up(rows, g), -1, axis=0)


class Scaled(Embedding):
    """The rows are multiplied by the root of their length, as before a transformer's first layer."""

    def forward(self, x: object) -> Array:
        return np.asarray(super().forward(x) * np.sqrt(self.params["W"].shape[1]))  # type: ignore[arg-type]


class NormOfRows(Embedding):
    """The gradient of a row is divided by the number of words, not by that of samples."""

    def added_up(self, rows: Array, g: Array) -> Array:
        return np.asarray(super().added_up(rows, g) / len(self.params["W"]))
