# items: fc relu
import numpy as np


def forward_linear(A_prev, parameters):
    W, b = parameters["W"], parameters["b"]
    return W @ A_prev + b, {"A_prev": A_prev, "W": W}  #! fc.forward: return W @ A_prev - b, {"A_prev": A_prev, "W": W}


def backward_linear(dZ, cache):
    m = cache["A_prev"].shape[1]
    dW = dZ @ cache["A_prev"].T / m  #! fc.dW: dW = dZ @ abs(cache["A_prev"]).T / m
    db = dZ.sum(axis=1, keepdims=True) / m
    return cache["W"].T @ dZ, dW, db


def forward_relu(Z):
    return np.maximum(0, Z), {"Z": Z}


def backward_relu(dA, cache):
    return dA * (cache["Z"] > 0)  #! relu.dX: return dA * (cache["Z"] < 0)
