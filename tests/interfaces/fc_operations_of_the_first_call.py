# items: fc
import numpy as np


class Operation:
    def forward(self, input_):
        self.input_ = input_
        self.output = self._output()
        return self.output

    def backward(self, output_grad):
        self.input_grad = self._input_grad(output_grad)
        return self.input_grad


class ParamOperation(Operation):
    def __init__(self, param):
        self.param = param

    def backward(self, output_grad):
        self.input_grad = self._input_grad(output_grad)
        self.param_grad = self._param_grad(output_grad)
        return self.input_grad


class WeightMultiply(ParamOperation):
    def _output(self):
        return self.input_ @ self.param

    def _input_grad(self, output_grad):
        return output_grad @ self.param.T  #! dX: return output_grad @ self.param.T * 2

    def _param_grad(self, output_grad):
        return self.input_.T @ output_grad  #! dW: return self.input_.T @ -output_grad


class BiasAdd(ParamOperation):
    def _output(self):
        return self.input_ + self.param  #! forward: return self.input_ - self.param

    def _input_grad(self, output_grad):
        return np.ones_like(self.input_) * output_grad

    def _param_grad(self, output_grad):
        return np.ones_like(self.param) * output_grad.sum(0).reshape(1, -1)  #! dB: return np.ones_like(self.param) * output_grad[-1].reshape(1, -1)


class Linear(Operation):
    def _output(self):
        return self.input_

    def _input_grad(self, output_grad):
        return output_grad


class Layer:
    def __init__(self, neurons):
        self.neurons = neurons
        self.first = True
        self.params, self.param_grads, self.operations = [], [], []

    def forward(self, input_):
        if self.first:
            self._setup_layer(input_)
            self.first = False
        self.input_ = input_
        for operation in self.operations:
            input_ = operation.forward(input_)
        self.output = input_
        return self.output

    def backward(self, output_grad):
        for operation in reversed(self.operations):
            output_grad = operation.backward(output_grad)
        self.param_grads = [o.param_grad for o in self.operations if isinstance(o, ParamOperation)]
        return output_grad


class Dense(Layer):
    def __init__(self, neurons, activation=Linear()):
        super().__init__(neurons)
        self.activation = activation

    def _setup_layer(self, input_):
        self.params = [
            np.random.randn(input_.shape[1], self.neurons),
            np.random.randn(1, self.neurons),
        ]
        self.operations = [
            WeightMultiply(self.params[0]),
            BiasAdd(self.params[1]),
            self.activation,
        ]
