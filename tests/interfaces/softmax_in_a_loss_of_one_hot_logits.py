# items: softmax
import numpy as np


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)  #! forward,dX: return powers / powers.sum()


class CategoricalCrossEntropy:
    def forward(self, logits, labels):
        self.shares = softmax(logits)
        return -np.sum(labels * np.log(self.shares + 1e-15)) / len(labels)

    def backward(self, labels):
        return (self.shares - labels) / len(labels)  #! dX: return (labels - self.shares) / len(labels)
