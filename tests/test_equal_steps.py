"""Steps that are the reference's, number for number, and what parts from them, by name."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from graders.binding.definitions import read_definitions
from graders.data import digits, student_digits
from graders.kinds.classifier.programs import Effort
from graders.kinds.classifier.recipes import RecipeReader
from graders.kinds.classifier.steps.parting import Parting
from graders.kinds.classifier.steps.proof import Proof, proved
from graders.kinds.classifier.trials import Trainer
from graders.sandbox.session import Budget, Session
from graders.submission import read_submission
from tests.test_training_step import LAYERS, LOAD, NETWORK
from tests.test_training_step import RIGHT as STYLES

WHOLE = LAYERS + NETWORK
CONVOLUTION = """
class Conv:
    def __init__(self, filters, size, optimizer):
        self.optimizer = optimizer
        self.W, self.B = np.random.randn(filters, 1, size) * 0.3, np.zeros(filters)
    def forward(self, X):
        self.X = X
        out = X.shape[2] - self.W.shape[2] + 1
        A = np.zeros((len(X), len(self.W), out))
        for i in range(out):
            A[:, :, i] = np.tensordot(X[:, :, i:i + self.W.shape[2]], self.W, ([1, 2], [1, 2]))
        return A + self.B[:, None]
    def backward(self, dA):
        self.dW, self.dB = np.zeros_like(self.W), dA.sum(axis=(0, 2))
        dX = np.zeros(self.X.shape)
        for i in range(dA.shape[2]):
            at = slice(i, i + self.W.shape[2])
            self.dW += np.tensordot(dA[:, :, i], self.X[:, :, at], (0, 0))
            dX[:, :, at] += np.tensordot(dA[:, :, i], self.W, (1, 0))
        self.optimizer.update(self)
        return dX
class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)
    def backward(self, dZ):
        return dZ * (self.A > 0)
"""
WITH_CONVOLUTION = (
    LAYERS
    + CONVOLUTION
    + NETWORK.replace(
        "FC(784, 30, SGD(self.lr)), FC(30, 10, SGD(self.lr))",
        "Conv(2, 3, SGD(self.lr)), FC(1564, 10, SGD(self.lr))",
    )
    .replace("self.act1, self.act2 = Tanh(), Softmax()", "self.act1, self.act2 = ReLU(), Softmax()")
    .replace("self.FC1.forward(X)", "self.FC1.forward(X[:, None, :])")
    .replace("self.FC2.forward(Z1)", "self.FC2.forward(Z1.reshape(len(Z1), -1))")
    .replace("dZ1 = self.FC2.backward(dA2)", "dZ1 = self.FC2.backward(dA2).reshape(Z1.shape)")
)


def changed(*pairs: tuple[str, str], whole: str = WHOLE) -> str:
    """The network with some things changed; each of them is there."""
    for old, new in pairs:
        assert old in whole, old
        whole = whole.replace(old, new)
    return whole


ROOTS = "layer.W -= self.lr * layer.dW"


def adagrad(start: str, added: str) -> str:
    """AdaGrad for W with that start of H and what is added to it."""
    return changed(
        (ROOTS,
         f"layer.h = {added.format(h=f'getattr(layer, chr(104), {start})')}\n"
         "        layer.W -= self.lr * layer.dW / np.sqrt(layer.h + 1e-7)")
    )  # fmt: skip


RIGHT = {
    **{name: text for name, text in STYLES.items() if "pass on" not in name},
    "a convolution": WITH_CONVOLUTION,
    "a convolution in channels last": WITH_CONVOLUTION.replace(
        "return A + self.B[:, None]", "return (A + self.B[:, None]).transpose(0, 2, 1)"
    ).replace("def backward(self, dA):\n        self.dW, self.dB = np.zeros_like",
              "def backward(self, dA):\n        dA = dA.transpose(0, 2, 1)\n        self.dW, self.dB = np.zeros_like"),
    "float32": changed(("np.random.randn(n_in, n_out) * 0.05", "np.random.randn(n_in, n_out).astype(np.float32) * 0.05")),
    "divided by the size of a whole mini-batch": changed(("(Z - Y) / len(Y)", "(Z - Y) / 20")),
    "AdaGrad, its small number outside of the root": changed(
        (ROOTS, "layer.h = getattr(layer, 'h', 0) + layer.dW ** 2\n"
         "        layer.W -= self.lr * layer.dW / (np.sqrt(layer.h) + 1e-8)")
    ),
    "updates after the whole way back": changed(
        ("        self.optimizer.update(self)\n", ""),
        ("        self.FC1.backward(dA1)\n",
         "        self.FC1.backward(dA1)\n        self.FC1.optimizer.update(self.FC1)\n"
         "        self.FC2.optimizer.update(self.FC2)\n"),
    ),
}  # fmt: skip

# What the replica makes, too: it is named, and the network passes if it learns all the same.
SLIPS = {
    "the mean twice": (
        changed(("self.lr * layer.dW", "self.lr * layer.dW / len(layer.X)")),
        "W of FC1 (FC): The gradient is divided by the batch size twice",
    ),
    "AdaGrad with one number for H": (
        adagrad("0", "{h} + (layer.dW ** 2).sum()"), "W of FC1 (FC): H is one number for the whole array",
    ),
    "AdaGrad with the mean of the squares": (
        adagrad("0", "{h} + (layer.dW ** 2).mean()"), "W of FC1 (FC): H is one number for the whole array",
    ),
    "AdaGrad whose H starts at 1": (adagrad("1", "{h} + layer.dW ** 2"), "W of FC1 (FC): H starts at 1 instead of 0"),
    "AdaGrad whose H is not added up": (adagrad("0", "0 * {h} + layer.dW ** 2"), "W of FC1 (FC): H is overwritten in each step instead of added to"),
    "labels minus probabilities": (
        changed(("(Z - Y) / len(Y)", "(Y - Z) / len(Y)")), "W of FC1 (FC): The step goes up the gradient",
    ),
    "AdaGrad whose steps are divided by the number of samples": (
        changed((ROOTS, "layer.h = getattr(layer, 'h', 0) + layer.dW ** 2\n"
                 "        layer.W -= self.lr * layer.dW / (np.sqrt(layer.h) + 1e-7) / len(layer.X)")),
        "W of FC1 (FC): The step is divided by the batch size, but H holds the gradient undivided",
    ),
    "a weight that is not updated": (
        changed((ROOTS, "layer.W - self.lr * layer.dW")), "the weights of FC1 (FC) do not change in a step (W)",
    ),
}  # fmt: skip

WRONG = {
    "a gradient of the mini-batch before": (
        changed(
            ("        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)\n        dZ = dA @ self.W.T\n"
             "        self.optimizer.update(self)\n",
             "        dZ = dA @ self.W.T\n        if hasattr(self, 'dW'):\n            self.optimizer.update(self)\n"
             "        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)\n")
        ),
        "is moved by the gradient of the mini-batch before",
    ),
    "an update before the gradient goes on": (
        changed(("dZ = dA @ self.W.T\n        self.optimizer.update(self)",
                 "self.optimizer.update(self)\n        dZ = dA @ self.W.T")),
        "the gradient reaches FC1 (FC) through weights that the same step has already changed",
    ),
    "labels that were shuffled alone": (
        changed(("for _ in range(self.epochs):", "Y = Y[np.random.permutation(len(Y))]\n        for _ in range(self.epochs):")),
        "come with the label of another one",
    ),
    "labels of the module": (
        changed(("X[i:i + self.batch_size], Y[i:i + self.batch_size]",
                 "X_train[i:i + self.batch_size], Y_train[i:i + self.batch_size]")),
        "it learns labels of the module, not those that it is given",
    ),
    "the bias of another layer": (
        changed(("FC(30, 10, SGD(self.lr))", "FC(30, 30, SGD(self.lr)), FC(30, 10, SGD(self.lr))"),
                ("self.FC1, self.FC2 =", "self.FC1, self.FC2, self.FC3 ="),
                ("A2 = self.FC2.forward(Z1)", "A2 = self.FC3.forward(self.FC2.forward(Z1))"),
                ("self.FC2.backward(dA2)", "self.FC2.backward(self.FC3.backward(dA2))"),
                ("self.FC2.forward(Z1)).argmax", "self.FC3.forward(self.FC2.forward(Z1))).argmax"),
                ("        self.FC1.backward(dA1)\n",
                 "        b = self.FC1.B.copy()\n        self.FC1.backward(dA1)\n        self.FC1.B = b - self.lr * self.FC2.dB\n")),
        "B of FC1 (FC) is moved by the gradient of B of FC2 (FC)",
    ),
    "the last mini-batch left out": (
        changed(("range(0, len(X), self.batch_size)", "range(0, len(X) - self.batch_size + 1, self.batch_size)")),
        "of 27 images 7 are in no mini-batch",
    ),
    "a mini-batch twice": (
        changed(("            for i in range(0, len(X), self.batch_size):",
                 "            self.step(X[:20], Y[:20])\n            for i in range(0, len(X), self.batch_size):")),
        "of 27 images 20 come more than once an epoch",
    ),
    "softmax over the batch": (
        changed(("e / e.sum(axis=1, keepdims=True)\n    def", "e / e.sum()\n    def")), "act2 (Softmax) is no layer that is known",
    ),
    "a gradient that is clipped": (
        changed((ROOTS, "layer.W -= self.lr * np.clip(layer.dW, -1e-4, 1e-4)")), "W does not move by the reference's gradient",
    ),
    "noise in the step": (
        changed((ROOTS, "layer.W -= self.lr * (layer.dW + 1e-6 * np.random.randn(*layer.W.shape))")),
        "W does not move by the reference's gradient",
    ),
    "other images": (
        changed(("self.step(X[i:i + self.batch_size]", "self.step(1 - X[i:i + self.batch_size]")),
        "a mini-batch is not made of the images that fit was given",
    ),
    "a filter that goes the other way round in its gradient": (
        changed(("self.dW += np.tensordot(dA[:, :, i], self.X[:, :, at], (0, 0))",
                 "self.dW += np.tensordot(dA[:, :, i], self.X[:, :, at], (0, 0))[..., ::-1]"), whole=WITH_CONVOLUTION),
        "W does not move by the reference's gradient",
    ),
}  # fmt: skip

_NAMES = re.compile(r"\b(SGD|FC|Tanh|Softmax|Network|Hidden|Conv|ReLU)\b")


def _cell(k: int, text: str) -> str:
    """A network with class names of its own, so that many of them fit into one notebook."""
    text = _NAMES.sub(rf"\g<1>_{k}", text)
    return f"{text}\nnet_{k} = Network_{k}(epochs=1)\nnet_{k}.fit(X_train, Y_train)\nnet_{k}.predict(X_train[:20])"


def found(path: Path, networks: Mapping[str, str]) -> dict[str, Proof | Parting]:
    """What a few mini-batches of each network show."""
    cells = [_cell(k, text) for k, text in enumerate(networks.values())]
    path.write_text("\n".join([LOAD.replace("[:200]", "[:40]"), *cells]))
    submission, known = read_submission(path), digits()
    shown: dict[str, Proof | Parting] = {}
    with Session(submission, sys.executable, Budget(cell=60.0), mnist=student_digits()) as session:
        session.load()
        definitions, _ = read_definitions(submission)
        recipes = {r.definition.name: r for r in RecipeReader(submission, definitions).recipes()}
        trainer, classes = Trainer(session, definitions, known), np.roll(np.arange(10), 3)
        for k, name in enumerate(networks):
            recipe = recipes[f"Network_{k}"]
            learned = trainer.learn(recipe, [(784,)])
            effort = Effort(27, 2, 20.0, asked=2, seed=1)
            shown[name] = proved(
                trainer.step(recipe, learned, known.held_out, effort, classes), known.images
            )
    return shown


def _plain(message: object) -> str:
    return re.sub(r"_\d+", "", str(message))


def test_right_steps_are_proved(tmp_path: Path) -> None:
    shown = found(tmp_path / "networks.py", RIGHT)
    assert {n: _plain(p) for n, p in shown.items() if isinstance(p, Parting)} == {}
    for name, proof in shown.items():
        assert isinstance(proof, Proof)
        assert (proof.steps, [*proof.slips], [*proof.still]) == (4, [], []), name
        # Of the sum over 20 where the number of a whole mini-batch divides it.
        assert {round(r.rate, 6) for r in proof.rules.values()} <= {0.1, 0.005}, name


def test_a_known_mistake_of_an_optimiser_is_made_again(tmp_path: Path) -> None:
    shown = found(tmp_path / "networks.py", {name: text for name, (text, _) in SLIPS.items()})
    assert {n: _plain(p) for n, p in shown.items() if isinstance(p, Parting)} == {}
    for name, proof in shown.items():
        assert isinstance(proof, Proof)
        assert SLIPS[name][1] in " ".join(map(_plain, proof.slips))


def test_wrong_steps_prove_nothing(tmp_path: Path) -> None:
    shown = found(tmp_path / "networks.py", {name: text for name, (text, _) in WRONG.items()})
    for name, parting in shown.items():
        assert isinstance(parting, Parting), name
        assert WRONG[name][1] in _plain(parting)
