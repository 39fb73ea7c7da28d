# items: relu sigmoid
import numpy as np


class Context:
    def save_for_backward(self, *arrays):
        self.saved = arrays


class ReLU:
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return np.maximum(x, 0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved
        return grad_output * (x > 0)  #! relu.dX: return grad_output * x


class Sigmoid:
    @staticmethod
    def forward(ctx, x):
        y = 1 / (1 + np.exp(-x))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved
        return grad_output * y * (1 - y)  #! sigmoid.dX: return grad_output * y
