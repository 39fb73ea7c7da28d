# items: softmax
import numpy as np


class ActivationSoftmax:
    def forward(self, inputs):
        powers = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = powers / np.sum(powers, axis=1, keepdims=True)  #! forward,dX: self.output = powers / np.sum(powers, axis=0, keepdims=True)

    def backward(self, dvalues):
        self.dinputs = np.empty_like(dvalues)
        for i, (one, upstream) in enumerate(zip(self.output, dvalues)):
            one = one.reshape(-1, 1)
            jacobian = np.diagflat(one) - np.dot(one, one.T)  #! dX: jacobian = np.diagflat(one) + np.dot(one, one.T)
            self.dinputs[i] = np.dot(jacobian, upstream)
