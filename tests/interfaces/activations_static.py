# items: sigmoid relu
import numpy as np


class Sigmoid:
    @staticmethod
    def forward(a):
        return 1.0 / (1.0 + np.exp(-a))

    @classmethod
    def backward(cls, a, dz):
        z = cls.forward(a)
        return dz * (1 - z) * z


class ReLU:
    @staticmethod
    def forward(a):
        return np.where(a > 0, a, 0)

    @staticmethod
    def backward(a, dz):
        return np.where(a > 0, dz, 0)  #! relu.dX: return np.where(a > 0, a, 0)
