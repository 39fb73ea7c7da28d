# items: simple_initializer xavier_initializer he_initializer
import math

import numpy as np


def simple_initializer(n_in, n_out, sigma=0.01):
    W = sigma * np.random.randn(n_in, n_out)
    b = np.zeros(n_out)
    return W, b


def xavier_initializer(shape):
    fan_in, fan_out = shape
    return np.random.normal(0, 1 / math.sqrt(fan_in), shape)  #! xavier_initializer.forward: return np.random.normal(0, 1 / fan_in, shape)


def he_initializer(shape):
    return np.random.randn(*shape) * math.sqrt(2 / shape[0])
