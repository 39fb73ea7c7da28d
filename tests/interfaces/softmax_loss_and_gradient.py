# items: softmax
import numpy as np


def softmax_loss(x, y):
    n = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logs[np.arange(n), y].mean()  #! forward: loss = -logs[:, y].mean()
    dx = np.exp(logs)
    dx[np.arange(n), y] -= 1  #! dX: dx[:, y] -= 1
    return loss, dx / n
