# items: hinge_loss cross_entropy binary_cross_entropy
import numpy as np


def svm_loss(x, y):
    N = x.shape[0]
    margins = np.maximum(0, x - x[np.arange(N), y][:, None] + 1.0)  #! hinge_loss.forward,dX: margins = np.maximum(0, x - x[np.arange(N), y][:, None])
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= np.sum(margins > 0, axis=1)  #! hinge_loss.dX: dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def softmax_cross_entropy_loss(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    Z = np.exp(shifted).sum(axis=1, keepdims=True)
    N = logits.shape[0]
    loss = -(shifted - np.log(Z))[np.arange(N), labels].mean()  #! cross_entropy.forward: loss = -shifted[np.arange(N), labels].mean()
    dx = np.exp(shifted) / Z
    dx[np.arange(N), labels] -= 1
    return (loss, dx / N)  #! cross_entropy.dX: return loss, dx


def bce_with_logits(logits, targets):
    p = 1 / (1 + np.exp(-logits))
    loss = -np.sum(targets * np.log(p) + (1 - targets) * np.log(1 - p))  #! binary_cross_entropy.forward: loss = -np.sum(targets * np.log(p))
    return (loss, p - targets)  #! binary_cross_entropy.dX: return loss, targets - p
