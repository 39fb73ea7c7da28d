# items: softmax
import numpy as np


def softmax_with_cross_entropy(scores, targets):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)  #! forward,dX: p = e / e.sum()
    loss = -np.sum(targets * np.log(p + 1e-7))
    return loss, p - targets  #! dX: return loss, targets - p
