# items: softmax
import numpy as np


class ActivationSoftmax:
    def forward(self, inputs, _training):
        shifted = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = shifted / shifted.sum(axis=1, keepdims=True)

    def backward(self, dvalues):
        self.dinputs = np.empty_like(dvalues)
        for i, (s, d) in enumerate(zip(self.output, dvalues)):
            s = s.reshape(-1, 1)
            self.dinputs[i] = (np.diagflat(s) - s @ s.T) @ d  #! dX: self.dinputs[i] = np.diagflat(s) @ d
