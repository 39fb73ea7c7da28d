"""Attention: each query's mean of the values, weighted by how well their keys fit (Vaswani et al. 2017, section 3.2)."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, own, upstream
from .softmax import softmax


class Attention(Layer):
    """y = softmax(q K^T / sqrt(D)) V, for queries (N, T, D), keys ``K`` (N, S, D) and values ``V`` (N, S, E).

    Keys and values are copied. ``causal``: a query sees the keys at its own place and before it alone. Raises
    ValueError for shapes that do not fit.
    """

    def __init__(self, K: ArrayLike, V: ArrayLike, causal: bool = False) -> None:
        super().__init__()
        self.params = {"K": own(K), "V": own(V)}
        self.causal = causal
        self._weights: Array | None = None

    def forward(self, q: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, E)."""
        self._q = as_float(q)
        K, V = self.params["K"], self.params["V"]
        shapes = self._q.shape, K.shape, V.shape
        if {len(s) for s in shapes} != {3} or K.shape[:2] != V.shape[:2]:
            raise ValueError(f"shapes {shapes} of queries, keys and values do not fit")
        self._weights = softmax(self.masked(self.scores(self._q, K)))
        return np.asarray(self._weights @ V)

    def scores(self, q: Array, K: Array) -> Array:
        """How well each key fits each query, (N, T, S)."""
        return np.asarray(q @ K.swapaxes(1, 2) / np.sqrt(K.shape[2]))

    def masked(self, scores: Array) -> Array:
        """Scores of -inf where a query does not see a key."""
        if not self.causal:
            return scores
        return np.where(np.tri(*scores.shape[1:]) > 0, scores, -np.inf)

    def backward(self, dy: ArrayLike) -> Array:
        """(N, T, E) -> (N, T, D); sets grads K and V."""
        weights = self._weights
        if weights is None:
            raise no_forward(self)
        K, V = self.params["K"], self.params["V"]
        g = upstream(dy, (*self._q.shape[:2], V.shape[2]), weights.dtype)
        inner = self.slope(g @ V.swapaxes(1, 2), weights) / np.sqrt(K.shape[2])
        self.grads = {"K": inner.swapaxes(1, 2) @ self._q, "V": self.of_values(weights, g)}
        return np.asarray(inner @ K)

    def slope(self, dweights: Array, weights: Array) -> Array:
        """The gradient of the scores from that of the weights."""
        return np.asarray(weights * (dweights - (dweights * weights).sum(2, keepdims=True)))

    def of_values(self, weights: Array, g: Array) -> Array:
        """The gradient of the values."""
        return np.asarray(weights.swapaxes(1, 2) @ g)


class MultiHeadAttention(Layer):
    """Attention of a sequence (N, T, D) to itself by several heads, each on its part of x Wq, x Wk and x Wv.

    Their outputs, side by side, are multiplied with Wo. All four (D, D) are copied; ``heads`` divides D. Raises
    ValueError for shapes that do not fit.
    """

    def __init__(
        self, Wq: ArrayLike, Wk: ArrayLike, Wv: ArrayLike, Wo: ArrayLike, heads: int
    ) -> None:
        super().__init__()
        self.params = {"Wq": own(Wq), "Wk": own(Wk), "Wv": own(Wv), "Wo": own(Wo)}
        size = len(self.params["Wq"])
        if size % heads or {w.shape for w in self.params.values()} != {(size, size)}:
            raise ValueError(f"{heads} heads and matrices of {size} rows do not fit")
        self.heads = heads
        self._inner: Attention | None = None

    def forward(self, x: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, D)."""
        self._x = data = as_float(x)
        if data.ndim != 3 or data.shape[2] != len(self.params["Wq"]):
            raise ValueError(f"x has shape {data.shape}")
        q, k, v = (self.split(data @ self.params[name]) for name in ("Wq", "Wk", "Wv"))
        self._inner = self.attention(k, v)
        self._joined = self.joined(self._inner.forward(q))
        return np.asarray(self._joined @ self.params["Wo"])

    def attention(self, k: Array, v: Array) -> Attention:
        """What a head does."""
        return Attention(k, v)

    def split(self, array: Array) -> Array:
        """(N, T, D) -> (N * heads, T, D / heads): each head has columns of its own, side by side."""
        n, t, d = array.shape
        parts = array.reshape(n, t, self.heads, d // self.heads)
        return parts.transpose(0, 2, 1, 3).reshape(n * self.heads, t, d // self.heads)

    def joined(self, array: Array) -> Array:
        """The way back."""
        _, t, each = array.shape
        parts = array.reshape(-1, self.heads, t, each)
        return parts.transpose(0, 2, 1, 3).reshape(-1, t, self.heads * each)

    def backward(self, dy: ArrayLike) -> Array:
        """(N, T, D) -> (N, T, D); sets the gradients of all four matrices, sums over samples and steps."""
        inner = self._inner
        if inner is None:
            raise no_forward(self)
        x, g = self._x, upstream(dy, self._x.shape, self._joined.dtype)
        dq = inner.backward(self.split(g @ self.params["Wo"].T))
        parts = {"Wq": dq, "Wk": inner.grads["K"], "Wv": inner.grads["V"]}
        back = {name: self.joined(part) for name, part in parts.items()}
        self.grads = {name: _outer(x, part) for name, part in back.items()}
        self.grads["Wo"] = _outer(self._joined, g)
        return self.summed([part @ self.params[name].T for name, part in back.items()])

    def summed(self, parts: list[Array]) -> Array:
        """The gradient of the input, from those by way of queries, keys and values."""
        return np.asarray(sum(parts))


def attend(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """softmax(q k^T / sqrt(D)) v, (N, T, E), where a query sees the keys for which ``mask`` (T, S) is true alone."""
    scores = q @ k.swapaxes(1, 2) / np.sqrt(k.shape[2])
    return np.asarray(softmax(np.where(mask, scores, -np.inf)) @ v)


def attend_but(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """The same, where it does not see the keys for which ``mask`` is true."""
    return attend(q, k, v, ~mask)


def _outer(a: Array, b: Array) -> Array:
    """Products of columns, summed over samples and steps."""
    return np.asarray(np.einsum("nti,ntj->ij", a, b))
