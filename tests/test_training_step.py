"""Layers that are right alone and wrong together: the first place where a step parts is named."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.binding.definitions import read_definitions
from graders.data import digits, student_digits
from graders.kinds.classifier.first_step import Known, first_parting
from graders.kinds.classifier.programs import Effort
from graders.kinds.classifier.recipes import RecipeReader
from graders.kinds.classifier.trials import Trainer
from graders.messages import M
from graders.sandbox.session import Budget, Session
from graders.submission import read_submission

Write = Callable[..., Path]

LOAD = """
import numpy as np
from keras.datasets import mnist
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train[:200].reshape(-1, 784) / 255
Y_train = np.eye(10)[y_train[:200]]
"""
LAYERS = """
class SGD:
    def __init__(self, lr):
        self.lr = lr
    def update(self, layer):
        layer.W -= self.lr * layer.dW
        layer.B -= self.lr * layer.dB
class FC:
    def __init__(self, n_in, n_out, optimizer):
        self.optimizer = optimizer
        self.W, self.B = np.random.randn(n_in, n_out) * 0.05, np.zeros(n_out)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        dZ = dA @ self.W.T
        self.optimizer.update(self)
        return dZ
class Tanh:
    def forward(self, A):
        self.Z = np.tanh(A)
        return self.Z
    def backward(self, dZ):
        return dZ * (1 - self.Z ** 2)
class Softmax:
    def forward(self, A):
        e = np.exp(A - A.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    def backward(self, Z, Y):
        return (Z - Y) / len(Y)
"""
NETWORK = """
class Network:
    def __init__(self, epochs=1, batch_size=20, lr=0.1):
        self.epochs, self.batch_size, self.lr = epochs, batch_size, lr
    def fit(self, X, Y):
        self.FC1, self.FC2 = FC(784, 30, SGD(self.lr)), FC(30, 10, SGD(self.lr))
        self.act1, self.act2 = Tanh(), Softmax()
        for _ in range(self.epochs):
            for i in range(0, len(X), self.batch_size):
                self.step(X[i:i + self.batch_size], Y[i:i + self.batch_size])
    def step(self, X, Y):
        A1 = self.FC1.forward(X)
        Z1 = self.act1.forward(A1)
        A2 = self.FC2.forward(Z1)
        Z2 = self.act2.forward(A2)
        dA2 = self.act2.backward(Z2, Y)
        dZ1 = self.FC2.backward(dA2)
        dA1 = self.act1.backward(dZ1)
        self.FC1.backward(dA1)
    def predict(self, X):
        Z1 = self.act1.forward(self.FC1.forward(X))
        return self.act2.forward(self.FC2.forward(Z1)).argmax(axis=1)
"""
LISTED = """
class Network:
    def __init__(self, epochs=1, lr=0.1):
        self.epochs = epochs
        self.layers = [FC(784, 40, SGD(lr)), Tanh(), FC(40, 20, SGD(lr)), Tanh(), FC(20, 10, SGD(lr)), Softmax()]
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X
    def backward(self, Z, Y):
        d = self.layers[-1].backward(Z, Y)
        for layer in self.layers[-2::-1]:
            d = layer.backward(d)
    def fit(self, X, Y):
        for _ in range(self.epochs):
            for i in range(0, len(X), 20):
                self.forward(X)
                self.backward(self.forward(X[i:i + 20]), Y[i:i + 20])
    def predict(self, X):
        return self.forward(X)
"""
TRAIN = "net = Network()\nnet.fit(X_train, Y_train)\nnet.predict(X_train[:20])"


def parted(path: Path, known: dict[str, Known] | None = None) -> str:
    """Where one step of the notebook's network parts from the reference's; "" if nowhere."""
    submission = read_submission(path)
    with Session(submission, sys.executable, Budget(cell=10.0), mnist=student_digits()) as session:
        session.load()
        definitions, _ = read_definitions(submission)
        (recipe,) = RecipeReader(submission, definitions).recipes()
        known_digits = digits()
        trainer = Trainer(session, definitions, known_digits)
        learned = trainer.learn(recipe, [(784,)])
        effort = Effort(20, 1, 5.0, asked=20)
        seen = trainer.step(recipe, learned, known_digits.held_out[:20], effort, np.arange(10))
        assert seen.calls or seen.moved
        return str(first_parting(seen, known or {}) or "")


def changed(old: str, new: str) -> str:
    """The layers and the network with one thing changed."""
    whole = LAYERS + NETWORK
    assert whole.count(old) == 1, old
    return whole.replace(old, new)


RIGHT = {
    "as the sprint has it": LAYERS + NETWORK,
    "a list of layers, and a forward of the whole before each step": LAYERS + LISTED,
    "summed gradients": changed("(Z - Y) / len(Y)", "Z - Y"),
    "the mean taken by the optimiser": changed("(Z - Y) / len(Y)", "Z - Y")
    .replace("self.lr * layer.dW", "self.lr * layer.dW / len(layer.X)")
    .replace("self.lr * layer.dB", "self.lr * layer.dB / len(layer.X)"),
    "AdaGrad": changed(
        "layer.W -= self.lr * layer.dW",
        "layer.h = getattr(layer, 'h', 0) + layer.dW ** 2\n"
        "        layer.W -= self.lr * layer.dW / np.sqrt(layer.h + 1e-7)",
    ),
    "softmax is left out of predict": changed(
        "return self.act2.forward(self.FC2.forward(Z1))", "return self.FC2.forward(Z1)"
    ),
    "the loss is worked out in fit": LAYERS + NETWORK.replace(
        "Z2 = self.act2.forward(A2)", "Z2 = np.exp(A2) / np.exp(A2).sum(axis=1, keepdims=True)"
    ).replace("self.act2.backward(Z2, Y)", "(Z2 - Y) / len(Y)").replace(
        "return self.act2.forward(self.FC2.forward(Z1))", "return self.FC2.forward(Z1)"
    ),
    "activations inside the dense layer": LAYERS + NETWORK.replace(
        "FC(784, 30, SGD(self.lr))", "Hidden(784, 30, SGD(self.lr))"
    ).replace("self.act1.forward(A1)", "A1").replace("self.act1.backward(dZ1)", "dZ1").replace(
        "self.act1.forward(self.FC1.forward(X))", "self.FC1.forward(X)"
    ).replace("class Network", "class Hidden(FC):\n    def forward(self, X):\n"
        "        self.Z = np.tanh(FC.forward(self, X))\n        return self.Z\n"
        "    def backward(self, dZ):\n        return FC.backward(self, dZ * (1 - self.Z ** 2))\n"
        "class Network"),
    "layers that pass on what they are given": changed(
        "        A2 = self.FC2.forward(Z1)\n", "        A2 = self.FC2.forward(self.flat.forward(Z1 ** 2))\n"
    ).replace("dZ1 = self.FC2.backward(dA2)", "dZ1 = 2 * Z1 * self.flat.backward(self.FC2.backward(dA2))")
    .replace("self.act1, self.act2 = Tanh(), Softmax()", "self.act1, self.act2, self.flat = Tanh(), Softmax(), Flat()")
    .replace("self.FC2.forward(Z1)).argmax", "self.FC2.forward(self.flat.forward(Z1 ** 2))).argmax")
    .replace("class Network", "class Flat:\n    def forward(self, X):\n        return X.reshape(len(X), -1)\n"
        "    def backward(self, d):\n        return d\nclass Network"),
    "an activation that calls itself in backward": changed(
        "return dZ * (1 - self.Z ** 2)", "return dZ * (1 - Tanh().forward(np.arctanh(self.Z)) ** 2)"
    ),
    "weights (outputs, inputs)": changed("np.random.randn(n_in, n_out)", "np.random.randn(n_out, n_in)")
    .replace("X @ self.W + self.B", "X @ self.W.T + self.B").replace("dA @ self.W.T", "dA @ self.W")
    .replace("self.X.T @ dA", "dA.T @ self.X"),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_network_parts_nowhere(write_notebook: Write, case: str) -> None:
    assert parted(write_notebook(LOAD, RIGHT[case], TRAIN)) == ""


WRONG = {
    "the mean twice": (
        changed("self.lr * layer.dW", "self.lr * layer.dW / len(layer.X)"),
        "the mean over the samples is taken twice, so that the weights of FC1 (FC) move 20 times less",
    ),
    "a layer that is not updated": (
        changed("FC(784, 30, SGD(self.lr))", "FC(784, 30, SGD(0))"),
        "the weights of FC1 (FC) do not change in a step (W, B)",
    ),
    "a layer that keeps its arrays in a dict, and is not updated": (
        changed("self.W, self.B = np.random.randn(n_in, n_out) * 0.05, np.zeros(n_out)",
                "self.params = {'W': np.random.randn(n_in, n_out) * 0.05, 'B': np.zeros(n_out)}")
        .replace("self.W", "self.params['W']").replace("self.B", "self.params['B']")
        .replace("        self.optimizer.update(self)\n", ""),
        "the weights of FC1 (FC) do not change in a step (params.W, params.B)",
    ),
    "backward stops early": (
        changed("        self.FC1.backward(dA1)\n", ""),
        "FC1 (FC).backward is never called",
    ),
    "no way back at all": (
        LAYERS + NETWORK[: NETWORK.index("        dA2 =")] + NETWORK[NETWORK.index("    def predict") :],
        "no layer's backward is called",
    ),
    "the activation's gradient is left out": (
        changed("self.FC1.backward(dA1)", "self.FC1.backward(dZ1)"),
        "FC1 (FC).backward is not given the gradient that act1 (Tanh).backward returned",
    ),
    "divided on the way": (
        changed("self.act1.backward(dZ1)", "self.act1.backward(dZ1 / len(X))"),
        "between FC2 (FC).backward and act1 (Tanh).backward the gradient is divided by the number of samples",
    ),
    "the activation's output is left out": (
        changed("A2 = self.FC2.forward(Z1)\n", "A2 = self.FC2.forward(A1)\n"),
        "the output of act1 (Tanh) goes nowhere: FC2 (FC) is given the output of FC1 (FC)",
    ),
    "softmax over the batch": (
        changed("e / e.sum(axis=1, keepdims=True)\n    def", "e / e.sum()\n    def"),
        "the rows of what act2 (Softmax) returns don't sum to 1",
    ),
    "labels minus probabilities": (
        changed("(Z - Y) / len(Y)", "(Y - Z) / len(Y)"), "at act2 (Softmax), has the wrong sign",
    ),
    "another loss": (
        changed("(Z - Y) / len(Y)", "(Z - Y / 2) / len(Y)"),
        "at act2 (Softmax), is not the probabilities minus the one-hot labels",
    ),
    "uphill": (
        changed("layer.W -= self.lr", "layer.W += self.lr"),
        "the weights of FC1 (FC) move along their gradient instead of against it",
    ),
    "another array's step": (
        changed("self.lr * layer.dW", "self.lr * layer.dW[::-1, ::-1]"),
        "the weights of FC1 (FC) do not move along their gradient",
    ),
    "not the transpose": (
        changed("dA @ self.W.T", "dA @ self.W[::-1].T"),
        "the gradient that FC2 (FC).backward returns is not dA·Wᵀ",
    ),
    "another derivative": (
        changed("(1 - self.Z ** 2)", "(1 - self.Z) ** 2"),
        "the gradient that act1 (Tanh).backward returns is not the derivative of its forward",
    ),
    "another product": (
        changed("X @ self.W + self.B", "X @ self.W * 2 + self.B"),
        "the output of FC1 (FC) is not X·W + b",
    ),
    "predict leaves a layer out": (
        changed("Z1 = self.act1.forward(self.FC1.forward(X))", "Z1 = self.FC1.forward(X)"),
        "predict goes another way than fit: FC1 → FC2 → act2, where fit goes FC1 → act1 → FC2 → act2",
    ),
    "infinite": (
        changed("X @ self.W + self.B", "X @ self.W + np.inf"),
        "the output of FC1 (FC) has values that are not finite",
    ),
    "weights of the network itself": (
        "class Network:\n    def __init__(self):\n        self.W1 = np.random.randn(784, 10) * 0.01\n"
        "    def fit(self, X, Y):\n        dW1 = X.T @ (X @ self.W1 - Y)\n"
        "    def predict(self, X):\n        return X @ self.W1\n",
        "a step of fit does not change W1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_the_first_place_that_parts_is_named(write_notebook: Write, case: str) -> None:
    source, words = WRONG[case]
    assert words in parted(write_notebook(LOAD, source, TRAIN))


def test_arrays_without_elements_break_nothing(write_notebook: Write) -> None:
    nothing = changed(
        "A1 = self.FC1.forward(X)\n", "X, Y = X[:0], Y[:0]\n        A1 = self.FC1.forward(X)\n"
    )
    path = write_notebook(LOAD, nothing.replace("A.max(", "A.sum("), TRAIN)
    assert parted(path) == ""  # a step on no sample teaches nothing, and can be blamed on no layer


def test_a_layer_that_is_wrong_by_itself_is_named_in_its_turn(write_notebook: Write) -> None:
    path = write_notebook(LOAD, LAYERS + NETWORK, TRAIN)
    known = {"Tanh": Known(M("Tanh"), frozenset({"dX"})), "FC": Known(M("FC"), frozenset({"dX"}))}
    assert parted(path, known) == "FC2 (FC) is wrong by itself in dX; see «FC»"
    first = {"FC": Known(M("FC"), frozenset({"dW", "forward"}))}
    assert parted(path, first) == "FC1 (FC) is wrong by itself in forward; see «FC»"


def test_watching_leaves_the_students_classes_as_they_were(write_notebook: Write) -> None:
    path = write_notebook(LOAD, LAYERS + NETWORK, TRAIN)
    submission = read_submission(path)
    with Session(submission, sys.executable, Budget(cell=10.0)) as session:
        session.load()
        names = "[f.__name__ in ('forward', 'backward') for f in (FC.forward, Tanh.backward)]"
        steps: list[dict[str, Any]] = [
            {"do": "watch", "classes": ["FC", "Tanh", "Absent"], "model": "net", "arrays": True},
            {"do": "hold", "value": {"expr": names}, "out": "meanwhile"},
            {"do": "unwatch", "model": "net", "keep": "fit"},
            {"do": "hold", "value": {"expr": names}, "out": "then"},
            {"do": "harvest", "of": ["meanwhile", "then"]},
        ]
        outcome = session.run(steps, [], 2, 10)
    assert outcome.error is None
    seen = {e.path: e.array.tolist() for e in outcome.found}
    assert seen[("meanwhile",)] == [False, False]
    assert seen[("then",)] == [True, True]
