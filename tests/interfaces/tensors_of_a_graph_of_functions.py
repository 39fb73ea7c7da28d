# items: fc relu tanh softmax
import weakref

import numpy as np


class Variable:
    def __init__(self, data):
        self.data = data
        self.grad = None
        self.creator = None
        self.generation = 0

    @property
    def shape(self):
        return self.data.shape

    def set_creator(self, func):
        self.creator, self.generation = func, func.generation + 1

    def cleargrad(self):
        self.grad = None

    def backward(self, retain_grad=False):
        if self.grad is None:
            self.grad = Variable(np.ones_like(self.data))
        waiting = [self.creator]
        while waiting:
            waiting.sort(key=lambda f: f.generation)
            func = waiting.pop()
            gys = [output().grad for output in func.outputs]
            gxs = func.backward(*gys)
            for x, gx in zip(func.inputs, gxs if isinstance(gxs, tuple) else (gxs,)):
                x.grad = gx if x.grad is None else x.grad + gx
                if x.creator is not None and x.creator not in waiting:
                    waiting.append(x.creator)
            if not retain_grad:
                for y in func.outputs:
                    y().grad = None


class Parameter(Variable):
    pass


def as_variable(obj):
    return obj if isinstance(obj, Variable) else Variable(np.asarray(obj))


class Function:
    def __call__(self, *inputs):
        inputs = [as_variable(x) for x in inputs]
        ys = self.forward(*[x.data for x in inputs])
        outputs = [as_variable(y) for y in (ys if isinstance(ys, tuple) else (ys,))]
        self.generation = max(x.generation for x in inputs)
        for output in outputs:
            output.set_creator(self)
        self.inputs = inputs
        self.outputs = [weakref.ref(output) for output in outputs]
        return outputs if len(outputs) > 1 else outputs[0]

    def forward(self, *xs):
        raise NotImplementedError()

    def backward(self, *gys):
        raise NotImplementedError()


class Add(Function):
    def forward(self, a, b):
        return a + b

    def backward(self, gy):
        a, b = self.inputs
        return tuple(gy if v.shape == gy.shape else SumTo(v.shape)(gy) for v in (a, b))


class SumTo(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return x.sum(axis=tuple(range(x.ndim - len(self.shape))))  #! fc.dB: return x.max(axis=tuple(range(x.ndim - len(self.shape))))


class Mul(Function):
    def forward(self, a, b):
        return a * b

    def backward(self, gy):
        a, b = self.inputs
        return gy * b, gy * a


class MatMul(Function):
    def forward(self, a, b):
        return a @ b

    def backward(self, gy):
        x, w = self.inputs
        return Variable(gy.data @ w.data.T), Variable(x.data.T @ gy.data)  #! fc.dW: return Variable(gy.data @ w.data.T), Variable(x.data.T @ gy.data / 2)


Variable.__add__ = lambda self, other: Add()(self, other)
Variable.__mul__ = lambda self, other: Mul()(self, other)
Variable.__matmul__ = lambda self, other: MatMul()(self, other)


class Layer:
    def __call__(self, *inputs):
        outputs = self.forward(*inputs)
        self.inputs = [weakref.ref(x) for x in inputs]
        return outputs

    def cleargrads(self):
        for value in self.__dict__.values():
            if isinstance(value, Parameter):
                value.cleargrad()


class Linear(Layer):
    def __init__(self, out_size, in_size):
        self.W = Parameter(np.random.randn(in_size, out_size))
        self.b = Parameter(np.zeros(out_size))

    def forward(self, x):
        return x @ self.W + self.b


class ReLU(Function):
    def forward(self, x):
        return np.maximum(x, 0.0)  #! relu.forward: return np.maximum(x, 0.1)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * as_variable((x.data > 0).astype(float))  #! relu.dX: return gy * as_variable((x.data < 0).astype(float))


class Tanh(Function):
    def forward(self, x):
        return np.tanh(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * Variable(1 - y.data**2)  #! tanh.dX: return gy * Variable(1 - y.data)


class SoftmaxCrossEntropy(Function):
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return np.asarray(-np.log(self.p[np.arange(len(x)), t.ravel()]).mean())

    def backward(self, gy):
        x, t = self.inputs
        one_hot = np.eye(x.shape[1])[t.data.ravel()]
        return Variable((self.p - one_hot) * gy.data / len(one_hot))  #! softmax.dX: return Variable((self.p + one_hot) * gy.data / len(one_hot))
