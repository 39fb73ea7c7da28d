"""The reference with one mistake each: what a student computes who makes it.

They stand for students' code: the audit carries this file into a student's process in the place
of the reference, so it imports nothing but NumPy and the reference.
"""

import numpy as np

from rnn_course.recurrent import SimpleRNN


class NoRecurrence(SimpleRNN):
    """The state of the step before is left out: every step starts from nothing."""

    def forward(self, x):
        super().forward(x)
        last = np.tanh(x[:, -1] @ self.params["W_x"] + self.params["b"])
        self._states = [np.zeros_like(last)] * x.shape[1] + [last]
        return last

    def backward(self, dh):
        x = self._x
        da = dh * (1 - self._states[-1] ** 2)
        self.grads = {
            "W_x": x[:, -1].T @ da,
            "W_h": np.zeros_like(self.params["W_h"]),
            "b": da.sum(axis=0),
        }
        dx = np.zeros_like(x)
        dx[:, -1] = da @ self.params["W_x"].T
        return dx


class ReversedTime(SimpleRNN):
    """The steps are taken from the last to the first."""

    def forward(self, x):
        return super().forward(x[:, ::-1])

    def backward(self, dh):
        return super().backward(dh)[:, ::-1]


class WithoutTanh(SimpleRNN):
    """The states are what goes into tanh, not what comes out of it."""

    def forward(self, x):
        self._x = x
        h = self.first_state(x)
        self._states = [h]
        for t in range(x.shape[1]):
            h = x[:, t] @ self.params["W_x"] + h @ self.params["W_h"] + self.params["b"]
            self._states.append(h)
        return h


class StateKept(SimpleRNN):
    """The first state of a call is the last one of the call before."""

    def first_state(self, x):
        """What is left of the call before, if that had as many sequences."""
        kept = getattr(self, "_states", None)
        if kept is not None and kept[-1].shape == (len(x), len(self.params["b"])):
            return kept[-1]
        return super().first_state(x)


class LastStepOnly(SimpleRNN):
    """The gradient is not handed on from a step to the one before it."""

    def backward(self, dh):
        x, states = self._x, self._states
        da = dh * (1 - states[-1] ** 2)
        self.grads = {
            "W_x": x[:, -1].T @ da,
            "W_h": states[-2].T @ da,
            "b": da.sum(axis=0),
        }
        dx = np.zeros_like(x)
        dx[:, -1] = da @ self.params["W_x"].T
        return dx


class NotSummedOverTime(SimpleRNN):
    """The gradients of the weights are those of the step that is dealt with last."""

    def backward(self, dh):
        x, states = self._x, self._states
        dx = np.zeros_like(x)
        for t in reversed(range(x.shape[1])):
            da = dh * (1 - states[t + 1] ** 2)
            self.grads = {
                "W_x": x[:, t].T @ da,
                "W_h": states[t].T @ da,
                "b": da.sum(axis=0),
            }
            dx[:, t] = da @ self.params["W_x"].T
            dh = da @ self.params["W_h"].T
        return dx


class WrongState(SimpleRNN):
    """The gradient of W_h is made with the state of the same step, not of the one before."""

    def backward(self, dh):
        dx = super().backward(dh)
        x, states = self._x, self._states
        self.grads["W_h"] = np.zeros_like(self.params["W_h"])
        for t in reversed(range(x.shape[1])):
            da = dh * (1 - states[t + 1] ** 2)
            self.grads["W_h"] += states[t + 1].T @ da
            dh = da @ self.params["W_h"].T
        return dx


class NotTransposed(SimpleRNN):
    """W_h is not transposed on the way back."""

    def backward(self, dh):
        x, states = self._x, self._states
        dx = np.zeros_like(x)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        for t in reversed(range(x.shape[1])):
            da = dh * (1 - states[t + 1] ** 2)
            self.grads["W_x"] += x[:, t].T @ da
            self.grads["W_h"] += states[t].T @ da
            self.grads["b"] += da.sum(axis=0)
            dx[:, t] = da @ self.params["W_x"].T
            dh = da @ self.params["W_h"]
        return dx


class NoDerivative(SimpleRNN):
    """The derivative of tanh is left out."""

    def backward(self, dh):
        x, states = self._x, self._states
        dx = np.zeros_like(x)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        for t in reversed(range(x.shape[1])):
            self.grads["W_x"] += x[:, t].T @ dh
            self.grads["W_h"] += states[t].T @ dh
            self.grads["b"] += dh.sum(axis=0)
            dx[:, t] = dh @ self.params["W_x"].T
            dh = dh @ self.params["W_h"].T
        return dx


class StepsReversed(SimpleRNN):
    """The gradients of the steps are collected in the order in which backward meets them."""

    def backward(self, dh):
        return super().backward(dh)[:, ::-1]
