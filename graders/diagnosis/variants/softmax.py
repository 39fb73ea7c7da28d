"""Softmax with cross-entropy as students get it wrong; logits and targets are (N, K)."""

import numpy as np

from reference import SoftmaxCrossEntropy


class WholeBatch(SoftmaxCrossEntropy):
    """Divided by the sum over the whole batch: the matrix adds up to 1, not each row."""

    def forward(self, logits, targets):
        loss = super().forward(logits, targets)
        powers = np.exp(np.asarray(logits))
        self._probabilities = powers / powers.sum()
        return loss


class Columns(SoftmaxCrossEntropy):
    """Divided by the sum over the samples: the columns add up to 1."""

    def forward(self, logits, targets):
        loss = super().forward(logits, targets)
        powers = np.exp(np.asarray(logits))
        self._probabilities = powers / powers.sum(0)
        return loss


class NotNormalised(SoftmaxCrossEntropy):
    """The exponentials are not divided by their sum."""

    def forward(self, logits, targets):
        loss = super().forward(logits, targets)
        self._probabilities = np.exp(np.asarray(logits))
        return loss


class OtherSign(SoftmaxCrossEntropy):
    """Backward gives Y - Z."""

    def backward(self):
        return -super().backward()


class MeanOfAll(SoftmaxCrossEntropy):
    """Backward is divided by samples and classes: K times too small."""

    def backward(self):
        dz = super().backward()
        return dz / dz.shape[1]


class LabelsLeftOut(SoftmaxCrossEntropy):
    """Backward gives Z and leaves Y out."""

    def backward(self):
        super().backward()
        return np.array(self.probabilities)


class DerivativeTwice(SoftmaxCrossEntropy):
    """Backward multiplies Z - Y by Z * (1 - Z) once more."""

    def backward(self):
        dz = super().backward()
        p = self.probabilities
        return dz * p * (1 - p)
