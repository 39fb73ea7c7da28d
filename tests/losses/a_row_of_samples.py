# items: binary_cross_entropy
import numpy as np


def binary_cross_entropy(AL, Y):
    m = Y.shape[1]
    cost = -(np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T)) / m  #! binary_cross_entropy.forward: cost = -np.dot(Y, np.log(AL).T) / m
    return np.squeeze(cost)


def binary_cross_entropy_backward(AL, Y):
    m = Y.shape[1]
    return -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)) / m  #! binary_cross_entropy.dX: return -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)) / m**2
