"""Softmax and the cross-entropy loss."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, as_float


def softmax(x: ArrayLike) -> Array:
    """exp(x) / sum of exp(x) along the last axis, of x's shape; a vector or a batch of rows.

    The row's maximum is subtracted first, which changes nothing in exact arithmetic and prevents
    overflow (Goodfellow, Bengio & Courville, "Deep Learning", section 4.1). float32 gives
    float32, anything else float64. Raises ValueError for a single number or an empty last axis.
    """
    p, _ = _exponentials(as_float(x))
    p /= p.sum(-1, keepdims=True)
    return p


class SoftmaxCrossEntropy:
    """The loss of a classifier: mean over the batch of -sum over classes of t * log(softmax(z)).

    ``reduction`` chooses the gradient: ``"mean"`` is that of the loss, (p - t) / N; ``"sum"`` is
    that of the loss times N, p - t. The loss itself is the mean with both. Raises ValueError for
    another word.
    """

    def __init__(self, reduction: Literal["mean", "sum"] = "mean") -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction must be 'mean' or 'sum', got {reduction!r}")
        self.reduction = reduction
        self._probabilities: Array | None = None

    def forward(self, logits: ArrayLike, targets: ArrayLike) -> float:
        """The loss for ``logits`` (N, K) and ``targets``.

        Targets are class numbers (N,) of an integer dtype, or rows (N, K) that each sum to one
        (one-hot, or probabilities). Raises ValueError for anything else, and for an empty batch.
        """
        z = as_float(logits)
        if z.ndim != 2 or not z.size:
            raise ValueError(f"logits must have shape (N, K), got {z.shape}")
        t = _rows(np.asarray(targets), z)
        p, shifted = _exponentials(z)
        total = p.sum(1, keepdims=True)
        # log(softmax) from the logits, so that a probability that underflows costs no infinity.
        log_p = shifted - np.log(total)
        p /= total
        self._probabilities, self._targets = p, t
        return -float(np.vdot(t, log_p)) / len(z)

    @property
    def probabilities(self) -> Array:
        """softmax(logits) (N, K) of the latest ``forward``; RuntimeError before it."""
        if self._probabilities is None:
            raise RuntimeError("SoftmaxCrossEntropy used before forward")
        return self._probabilities

    def backward(self) -> Array:
        """The gradient in the logits (N, K) of the latest ``forward``; RuntimeError before it."""
        dz = self.probabilities - self._targets
        if self.reduction == "mean":
            dz /= len(dz)
        return dz


def _exponentials(x: Array) -> tuple[Array, Array]:
    """exp of x less its row's maximum, and x less its row's maximum."""
    if not x.ndim or not x.shape[-1]:
        raise ValueError(f"softmax needs a row of at least one number, got shape {x.shape}")
    shifted = x - x.max(-1, keepdims=True)
    return np.exp(shifted), shifted


def _rows(targets: Array, logits: Array) -> Array:
    """Targets as rows of the logits' shape and dtype."""
    n, k = logits.shape
    if targets.shape == (n,) and targets.dtype.kind in "iu":
        if targets.min() < 0 or targets.max() >= k:
            raise ValueError(f"class numbers must lie in 0 .. {k - 1}")
        rows = np.zeros(logits.shape, logits.dtype)
        rows[np.arange(n), targets] = 1
        return rows
    if targets.shape != logits.shape:
        raise ValueError(
            f"targets must be {n} class numbers or rows of shape {logits.shape}, "
            f"got shape {targets.shape} of {targets.dtype}"
        )
    rows = as_float(targets).astype(logits.dtype, copy=False)
    if not np.allclose(rows.sum(1), 1, rtol=0, atol=1e-4):
        raise ValueError("each row of targets must sum to one")
    return rows
