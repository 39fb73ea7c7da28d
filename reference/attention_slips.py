"""Attentions as students get them wrong; specs name them."""

import numpy as np
from numpy.typing import ArrayLike

from .attention import Attention, MultiHeadAttention
from .layer import Array
from .softmax import softmax


class _ForwardAlone(Attention):
    """The output is wrong; the gradients are the right ones of the same arrays."""

    def forward(self, q: ArrayLike) -> Array:
        super().forward(q)
        return np.asarray(self.wrong(self.scores(self._q, self.params["K"])) @ self.params["V"])

    def wrong(self, scores: Array) -> Array:
        """The weights of the wrong output."""
        return softmax(self.masked(scores))


class Unscaled(_ForwardAlone):
    """Scores are not divided."""

    def wrong(self, scores: Array) -> Array:
        return super().wrong(scores * np.sqrt(self._q.shape[2]))


class DividedByLength(_ForwardAlone):
    """Scores are divided by the length of a key, not by its root."""

    def wrong(self, scores: Array) -> Array:
        return super().wrong(scores / np.sqrt(self._q.shape[2]))


class OverQueries(_ForwardAlone):
    """Weights add up to one over the queries."""

    def wrong(self, scores: Array) -> Array:
        return np.asarray(super().wrong(scores.swapaxes(1, 2)).swapaxes(1, 2))


class BackUnscaled(Attention):
    """The division of the scores is left out on the way back."""

    def slope(self, dweights: Array, weights: Array) -> Array:
        return np.asarray(super().slope(dweights, weights) * np.sqrt(self._q.shape[2]))


class SlopeDiagonal(Attention):
    """Of the derivative of softmax each weight's own part alone is there."""

    def slope(self, dweights: Array, weights: Array) -> Array:
        return np.asarray(dweights * weights * (1 - weights))


class SlopeLeftOut(Attention):
    """The derivative of softmax is left out."""

    def slope(self, dweights: Array, weights: Array) -> Array:
        return dweights


class ValuesOfScores(Attention):
    """The gradient of the values is made with the scores in the place of the weights."""

    def of_values(self, weights: Array, g: Array) -> Array:
        return super().of_values(self.scores(self._q, self.params["K"]), g)


class NotMasked(_ForwardAlone):
    """No key is masked."""

    def wrong(self, scores: Array) -> Array:
        return softmax(scores)


class MaskedAfterwards(_ForwardAlone):
    """Weights are set to zero after softmax, so that they do not add up to one."""

    def wrong(self, scores: Array) -> Array:
        return np.asarray(softmax(scores) * np.tri(*scores.shape[1:]))


class MaskedByZero(_ForwardAlone):
    """Masked scores are 0, not -inf."""

    def wrong(self, scores: Array) -> Array:
        return softmax(scores * np.tri(*scores.shape[1:]))


class MaskedUpsideDown(_ForwardAlone):
    """A query sees what comes after it, not what was before."""

    def wrong(self, scores: Array) -> Array:
        seen = np.tri(*scores.shape[1:]).T > 0
        return softmax(np.where(seen, scores, -np.inf))


class CausalUnscaled(Unscaled):
    """With a mask."""


class CausalSlopeDiagonal(SlopeDiagonal):
    """With a mask."""


class CausalBackUnscaled(BackUnscaled):
    """With a mask."""


class CausalValuesOfScores(ValuesOfScores):
    """With a mask."""


class _Heads(MultiHeadAttention):
    """The output is that of heads which differ; the gradients are right."""

    def forward(self, x: ArrayLike) -> Array:
        right = super().forward(x)
        kept = self._inner, self._joined
        wrong = self.wrong(right)
        self._inner, self._joined = kept
        return wrong

    def wrong(self, right: Array) -> Array:
        """The wrong output."""
        return right

    def headed(self) -> tuple[Array, Array, Array]:
        """Queries, keys and values of all heads."""
        q, k, v = (self.split(self._x @ self.params[name]) for name in ("Wq", "Wk", "Wv"))
        return q, k, v


class HeadsUnscaled(_Heads):
    """Scores are not divided."""

    def wrong(self, right: Array) -> Array:
        q, k, v = self.headed()
        weights = softmax(q @ k.swapaxes(1, 2))
        return np.asarray(self.joined(weights @ v) @ self.params["Wo"])


class HeadsScaledByWhole(_Heads):
    """Scores are divided by the root of the whole length, not by that of a head's."""

    def wrong(self, right: Array) -> Array:
        q, k, v = self.headed()
        weights = softmax(q @ k.swapaxes(1, 2) / np.sqrt(self._x.shape[2]))
        return np.asarray(self.joined(weights @ v) @ self.params["Wo"])


class OneHead(_Heads):
    """All columns are one head."""

    def wrong(self, right: Array) -> Array:
        heads, self.heads = self.heads, 1
        try:
            q, k, v = self.headed()
            return np.asarray(self.joined(Attention(k, v).forward(q)) @ self.params["Wo"])
        finally:
            self.heads = heads


class NoOutputMatrix(_Heads):
    """The heads' outputs are not multiplied with Wo."""

    def wrong(self, right: Array) -> Array:
        return self._joined


class SplitByReshape(_Heads):
    """Heads are made by one reshape, which mixes steps and columns."""

    def wrong(self, right: Array) -> Array:
        n, t, d = self._x.shape
        q, k, v = (
            (self._x @ self.params[name]).reshape(n * self.heads, t, d // self.heads)
            for name in ("Wq", "Wk", "Wv")
        )
        y = Attention(k, v).forward(q)
        return np.asarray(y.reshape(n, t, d) @ self.params["Wo"])


class JoinedByReshape(_Heads):
    """The heads' outputs are put together without turning axes back."""

    def wrong(self, right: Array) -> Array:
        q, k, v = self.headed()
        y = Attention(k, v).forward(q)
        return np.asarray(y.reshape(self._x.shape) @ self.params["Wo"])


class QueriesAlone(MultiHeadAttention):
    """The gradient of the input comes by way of the queries alone."""

    def summed(self, parts: list[Array]) -> Array:
        return parts[0]


class ValuesAlone(MultiHeadAttention):
    """The gradient of the input comes by way of the values alone."""

    def summed(self, parts: list[Array]) -> Array:
        return parts[2]


class HeadsSlopeDiagonal(MultiHeadAttention):
    """Of the derivative of softmax each weight's own part alone is there."""

    def attention(self, k: Array, v: Array) -> Attention:
        return SlopeDiagonal(k, v)


class HeadsBackUnscaled(MultiHeadAttention):
    """The division of the scores is left out on the way back."""

    def attention(self, k: Array, v: Array) -> Attention:
        return BackUnscaled(k, v)
