# items: fc relu tanh
import numpy as np


class Tensor:
    def __init__(self, array, inputs=(), back=None, requires_grad=True):
        self.array = np.asarray(array)
        self.inputs, self.back = inputs, back
        self.requires_grad = requires_grad
        self.grad = None

    @property
    def shape(self):
        return self.array.shape

    def numpy(self):
        return self.array

    def backward(self, out_grad=None):
        if out_grad is None:
            out_grad = Tensor(np.ones_like(self.array), requires_grad=False)
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for other in node.inputs:
                    visit(other)
                order.append(node)

        visit(self)
        grads = {id(self): out_grad.array}
        for node in reversed(order):
            node.grad = Tensor(grads[id(node)], requires_grad=False)
            if node.back is not None:
                for other, g in zip(node.inputs, node.back(grads[id(node)])):
                    grads[id(other)] = grads.get(id(other), 0) + g

    def __matmul__(self, other):
        def back(g):
            left = g @ other.array.T  #! fc.dX: left = g @ other.array.T / len(g)
            right = self.array.T @ g  #! fc.dW: right = self.array.T @ g / len(g) ** 2
            return left, right

        return Tensor(self.array @ other.array, (self, other), back)

    def __add__(self, other):
        def back(g):
            return g, g.sum(axis=0)  #! fc.dB: return g, g.max(axis=0)

        return Tensor(self.array + other.array, (self, other), back)

    def tanh(self):
        out = np.tanh(self.array)
        return Tensor(out, (self,), lambda g: (g * (1 - out**2),))  #! tanh.dX: return Tensor(out, (self,), lambda g: (g * (1 - out),))


class Parameter(Tensor):
    """What a layer has to learn."""


class Module:
    def __call__(self, *inputs):
        return self.forward(*inputs)


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True):
        self.has_bias = bias
        self.weight = Parameter(np.random.randn(in_features, out_features) * 0.1)
        self.bias = Parameter(np.zeros(out_features))

    def forward(self, x):
        y = x @ self.weight
        return y + self.bias if self.has_bias else y


class ReLU(Module):
    def forward(self, x):
        out = np.maximum(x.array, 0)
        return Tensor(out, (x,), lambda g: (g * (x.array > 0),))  #! relu.dX: return Tensor(out, (x,), lambda g: (g * out,))


class Tanh(Module):
    def forward(self, x):
        return x.tanh()
