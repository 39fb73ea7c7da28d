# items: fc sigmoid
import numpy as np


class AffineLayer:
    def __init__(self, input_dim, output_dim):
        self.weights = np.random.randn(output_dim, input_dim) * 0.1
        self.biases = np.zeros(output_dim)

    def fprop(self, inputs):
        return inputs @ self.weights.T + self.biases

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return grads_wrt_outputs @ self.weights  #! fc.dX: return -grads_wrt_outputs @ self.weights

    def grads_wrt_params(self, inputs, grads_wrt_outputs):
        grads_wrt_weights = grads_wrt_outputs.T @ inputs  #! fc.dW: grads_wrt_weights = -grads_wrt_outputs.T @ inputs
        grads_wrt_biases = np.sum(grads_wrt_outputs, axis=0)  #! fc.dB: grads_wrt_biases = np.max(grads_wrt_outputs, axis=0)
        return [grads_wrt_weights, grads_wrt_biases]


class SigmoidLayer:
    def fprop(self, inputs):
        return 1 / (1 + np.exp(-inputs))

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return grads_wrt_outputs * outputs * (1 - outputs)  #! sigmoid.dX: return grads_wrt_outputs * inputs * (1 - inputs)
