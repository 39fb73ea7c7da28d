# items: dropout
import numpy as np


class Operation:
    def forward(self, input_, inference=False):
        self.input_ = input_
        self.output = self._output(inference)
        return self.output

    def backward(self, output_grad):
        self.input_grad = self._input_grad(output_grad)
        return self.input_grad


class Dropout(Operation):
    def __init__(self, keep_prob=0.8):
        super().__init__()
        self.keep_prob = keep_prob

    def _output(self, inference):
        if inference:
            return self.input_ * self.keep_prob  #! test: return self.input_
        self.mask = np.random.binomial(1, self.keep_prob, size=self.input_.shape)  #! forward: self.mask = np.random.binomial(1, self.keep_prob, size=(len(self.input_), 1))
        return self.input_ * self.mask

    def _input_grad(self, output_grad):
        return output_grad * self.mask
