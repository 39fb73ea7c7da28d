# items: fc
import numpy as np


class Linear:
    def __init__(self, idim, odim, irange=0.1):
        self.W = np.random.uniform(-irange, irange, (idim, odim))
        self.b = np.zeros(odim)

    def fprop(self, inputs):
        return np.dot(inputs, self.W) + self.b

    def bprop(self, h, igrads):
        return igrads, np.dot(igrads, self.W.T)  #! dX: return igrads, np.dot(igrads, self.W.T) / len(h) * 2

    def pgrads(self, inputs, deltas):
        return [np.dot(inputs.T, deltas), deltas.sum(axis=0)]  #! dW: return [np.dot(inputs.T, deltas**2), deltas.sum(axis=0)]
