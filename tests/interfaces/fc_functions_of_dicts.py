# items: fc
import numpy as np


def dense_forward(inputs):
    X, W, b = inputs["X"], inputs["W"], inputs["b"]
    out = X @ W + b  #! forward: out = X @ W - b
    return out, {"X": X, "W": W}


def dense_backward(dout, cache):
    X, W = cache["X"], cache["W"]
    return {"dX": dout @ W.T, "dW": X.T @ dout, "db": dout.sum(axis=0)}  #! dB: return {"dX": dout @ W.T, "dW": X.T @ dout, "db": dout[0]}
