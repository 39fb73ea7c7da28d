# items: adagrad sgd
import numpy as np


class AdaGrad:
    def __init__(self, lr=0.1):
        self.lr = lr

    def step(self, theta, grad, state, t):
        if "h" not in state:
            state["h"] = np.zeros_like(theta)
        state["h"] = state["h"] + grad**2  #! adagrad.update: state["h"] = grad**2 / t
        return theta - self.lr * grad / (np.sqrt(state["h"]) + 1e-7), state


class SGD:
    def __init__(self, lr=0.1):
        self.lr = lr

    def step(self, theta, grad, state, t):
        return theta - self.lr * grad, state  #! sgd.update: return theta - self.lr * grad / t, state
