"""In what form a notebook has its digits: shape, scale and labels, learnt from its own arrays.

The notebook got the digits from us, so each row of its training data is one that we know: the
row is found again among them, and the affine map (x/255, standardised, inverted, ...), the
threshold or the smaller size follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

N_CLASSES = 10
_SIDE = 28
_CHUNK = 5000
_MANY = 10_000
_THE_SAME = 0.9999  # correlation
_KNOWN_SIDES = (28, 14, 7, 8, 16, 20, 12, 10, 32)


@dataclass(frozen=True)
class ImageFormat:
    """How to make a notebook's array from grey values (n, 28, 28) uint8.

    `shape` is the shape of one image. Grey values are averaged to `side`, then either compared
    with `threshold` or mapped to ``scale * grey + shift`` (numbers or one for each pixel).
    """

    shape: tuple[int, ...]
    side: int = _SIDE
    scale: float | np.ndarray = 1 / 255
    shift: float | np.ndarray = 0.0
    threshold: float | None = None
    dtype: str = "float64"
    learnt: bool = False  # verified on the notebook's own rows

    def apply(self, images: np.ndarray) -> np.ndarray:
        """Images (n, 28, 28) as an array (n, *shape)."""
        grey = resized(images, self.side).reshape(len(images), -1)
        if self.threshold is not None:
            values = (grey > self.threshold) * np.asarray(self.scale)
        else:
            values = grey * self.scale + self.shift
        if np.dtype(self.dtype).kind in "iu":
            values = np.rint(values)
        laid: np.ndarray = values.astype(self.dtype).reshape(len(images), *self.shape)
        return laid

    def smaller(self, side: int) -> ImageFormat | None:
        """The same form for images of that side; None where the shape does not say how."""
        old, shape = self.side, list(self.shape)
        if isinstance(self.scale, np.ndarray):
            return None
        if old * old in shape:
            shape[shape.index(old * old)] = side * side
        elif shape.count(old) == 2:
            shape = [side if n == old else n for n in shape]
        else:
            return None
        return ImageFormat(
            tuple(shape), side, self.scale, self.shift, self.threshold, self.dtype, self.learnt
        )


def resized(images: np.ndarray, side: int) -> np.ndarray:
    """Images (n, 28, 28) averaged to (n, side, side) float64; padded with zeros if larger."""
    images = images.astype(np.float64)
    if side == _SIDE:
        return images
    if side > _SIDE:
        before = (side - _SIDE) // 2
        after = side - _SIDE - before
        padded: np.ndarray = np.pad(images, ((0, 0), (before, after), (before, after)))
        return padded
    if _SIDE % side == 0:
        step = _SIDE // side
        averaged: np.ndarray = images.reshape(-1, side, step, side, step).mean((2, 4))
        return averaged
    # The share of each old pixel in each new one.
    edges = np.linspace(0, _SIDE, side + 1)
    share = np.clip(
        np.minimum(edges[1:, None], np.arange(1, _SIDE + 1))
        - np.maximum(edges[:-1, None], np.arange(_SIDE)),
        0, None,
    )  # fmt: skip
    share /= share.sum(1, keepdims=True)
    small: np.ndarray = share @ images @ share.T
    return small


def default_format(shape: tuple[int, ...]) -> ImageFormat:
    """Grey values from 0 to 1 in images of that shape."""
    return ImageFormat(shape, side_of(shape) or _SIDE)


def side_of(shape: Sequence[int]) -> int | None:
    """The side of a square image with one channel of that shape; None if it is none."""
    size = int(np.prod(shape))
    return next((side for side in _KNOWN_SIDES if side * side == size), None)


def learn_images(rows: np.ndarray, known: np.ndarray) -> ImageFormat | None:
    """The form of `rows` (k, ...), which are among the `known` images (n, 28, 28) in some form.

    Rows that are not found again give a form by their range of values. None if the rows are no
    square images of one channel.
    """
    shape = rows.shape[1:]
    side = side_of(shape)
    if side is None or not len(rows):
        return None
    dtype = rows.dtype.name if rows.dtype.kind in "fiu" else "float64"
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    if len(known) > _MANY:
        flat = flat[:100]
    found = _found_again(flat, known, side)
    if found is not None:
        grey = resized(known[found], side).reshape(len(found), -1)
        form = _fitted(flat, grey, shape, side, dtype)
        if form is not None:
            return form
    return _by_range(flat, shape, side, dtype)


def are_digits(rows: np.ndarray, known: np.ndarray) -> bool:
    """True if rows (k, ...) are square images that are found among the known ones (n, 28, 28)."""
    side = side_of(rows.shape[1:])
    if side is None or not len(rows) or rows.dtype.kind not in "fiu":
        return False
    return _found_again(rows.reshape(len(rows), -1).astype(np.float64), known, side) is not None


def places_among(rows: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    """For each row (k, ...) which of the known images (n, 28, 28) it is, on whatever scale, -1 where it is
    none of them; None if the rows are no square images of one channel.
    """
    side = side_of(rows.shape[1:])
    if side is None or not len(rows) or not np.isfinite(rows).all():
        return None
    best, most = _likest(rows.reshape(len(rows), -1).astype(np.float64), known, side)
    return np.where(most > _THE_SAME, best, -1)


def _found_again(rows: np.ndarray, known: np.ndarray, side: int) -> np.ndarray | None:
    """For each row the known image that it is most like; None if most are like none."""
    if not np.isfinite(rows).all():
        return None
    best, most = _likest(rows, known, side)
    return best if np.median(most) > 0.5 else None


def _likest(rows: np.ndarray, known: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row the known image that it is most like, and their correlation."""

    def standard(a: np.ndarray) -> np.ndarray:
        centred = a - a.mean(1, keepdims=True)
        norms = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        unit: np.ndarray = (centred / norms).astype(np.float32)
        return unit

    wanted = standard(rows)
    best = np.zeros(len(rows), np.int64)
    most = np.full(len(rows), -1.0)
    for start in range(0, len(known), _CHUNK):
        part = known[start : start + _CHUNK]
        likeness = np.abs(wanted @ standard(resized(part, side).reshape(len(part), -1)).T)
        better = likeness.max(1) > most
        best[better] = start + likeness.argmax(1)[better]
        most = np.maximum(most, likeness.max(1))
    return best, most


def _fitted(
    rows: np.ndarray, grey: np.ndarray, shape: tuple[int, ...], side: int, dtype: str
) -> ImageFormat | None:
    """The map from the known images to the rows, if it gives the rows exactly."""
    x, y = grey.ravel(), rows.ravel()
    scale, shift = np.polyfit(x, y, 1)
    spread = max(float(y.std()), 1e-12)
    exact = 0.51 if dtype.startswith(("int", "uint")) else 1e-4 * spread
    if np.abs(scale * x + shift - y).max() <= exact:
        # A shift that is rounding noise would turn zeros into small numbers.
        shift = 0.0 if abs(shift) < 1e-6 * spread else shift
        return ImageFormat(shape, side, float(scale), float(shift), None, dtype, True)
    values = np.unique(y)
    if len(values) == 2 and values[0] == 0:
        on, off = x[y > 0], x[y == 0]
        if on.size and off.size and off.max() < on.min():
            middle = float(off.max() + on.min()) / 2
            return ImageFormat(shape, side, float(values[1]), 0.0, middle, dtype, True)
    if len(rows) >= 50:  # standardised pixel by pixel
        centred = grey - grey.mean(0)
        power = (centred**2).sum(0)
        scales = np.where(power > 0, (centred * rows).sum(0) / np.maximum(power, 1e-12), 0.0)
        shifts = rows.mean(0) - scales * grey.mean(0)
        if np.abs(grey * scales + shifts - rows).max() <= 1e-3 * spread:
            return ImageFormat(shape, side, scales, shifts, None, dtype, True)
    return None


def _by_range(rows: np.ndarray, shape: tuple[int, ...], side: int, dtype: str) -> ImageFormat:
    low, high = float(np.nanmin(rows)), float(np.nanmax(rows))
    if low >= 0 and high > 1.5:
        return ImageFormat(shape, side, high / 255 if high < 200 else 1.0, 0.0, None, dtype)
    if low >= -1.05 and high <= 1.05 and low < -0.5:
        return ImageFormat(shape, side, 2 / 255, -1.0, None, dtype)
    if low < 0:
        return ImageFormat(shape, side, 1 / 78.6, -0.424, None, dtype)  # MNIST's own mean and sd
    return ImageFormat(shape, side, 1 / 255, 0.0, None, dtype)


# -- labels --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LabelFormat:
    """How a notebook writes classes: ``(n,)`` numbers, ``(n, 1)``, one-hot rows; numbers or text."""

    columns: int = 0  # 0: (n,); 1: (n, 1); more: one-hot rows
    dtype: str = "int64"
    text: bool = False

    def apply(self, labels: np.ndarray) -> np.ndarray:
        """Classes (n,) as the notebook writes them (text is made of them in the process)."""
        if self.columns > 1:
            rows = np.zeros((len(labels), self.columns))
            rows[np.arange(len(labels)), labels] = 1
            return rows.astype(self.dtype)
        plain = labels.astype(self.dtype)
        return plain[:, None] if self.columns == 1 else plain


def learn_labels(rows: np.ndarray, text: bool = False) -> LabelFormat | None:
    """The form of label rows; None if they are no labels of ten classes."""
    dtype = "int64" if text else rows.dtype.name
    if rows.dtype.kind not in "fiub" or not np.isfinite(rows.astype(np.float64)).all():
        return None
    if rows.ndim == 2 and rows.shape[1] >= N_CLASSES:
        ones = np.isin(rows, (0, 1)).all() and (rows.sum(1) == 1).all()
        return LabelFormat(rows.shape[1], dtype) if ones and rows.shape[1] <= 20 else None
    if rows.ndim == 1 or (rows.ndim == 2 and rows.shape[1] == 1):
        whole = np.all(rows == np.rint(rows)) and rows.min() >= 0 and rows.max() < N_CLASSES
        return LabelFormat(rows.ndim - 1, dtype, text) if whole else None
    return None


def decode(answer: np.ndarray, n: int) -> tuple[np.ndarray | None, bool]:
    """Classes (n,) from what `predict` returned, and whether some of it is no number (NaN).

    Labels ``(n,)`` or ``(n, 1)``, one-hot rows, probabilities or scores ``(n, 10)``; None where
    it is none of these.
    """
    answer = np.asarray(answer, dtype=np.float64)
    broken = bool(np.isnan(answer).any())
    if answer.ndim > 2:
        answer = answer.reshape([s for s in answer.shape if s != 1] or [1])
    if answer.ndim == 2 and answer.shape[1] >= N_CLASSES and answer.shape[0] == n:
        scores = np.where(np.isnan(answer), -np.inf, answer)
        return np.where(np.isnan(answer).all(1), -1, scores.argmax(1)), broken
    if answer.ndim == 2 and answer.shape[0] == N_CLASSES and answer.shape[1] == n != N_CLASSES:
        return decode(answer.T, n)
    flat = answer.ravel()
    if flat.size != n:
        return None, broken
    labels = np.where(np.isfinite(flat), np.rint(flat), -1)
    return np.clip(labels, -1, 99).astype(np.int64), broken
