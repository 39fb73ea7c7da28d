"""Each file of a folder has names of its own, and what one has of another goes by the name of its import."""

from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.submission import read_submission
from tests.built_in import built_in_sprints

SIGMOID = """\
import numpy as np


class Activation:
    def __init__(self):
        self.state = None


class Sigmoid(Activation):
    def __init__(self):
        super(Sigmoid, self).__init__()

    def forward(self, x):
        self.state = 1 / (1 + np.exp(-x))
        return self.state

    def backward(self, d):
        return d * self.state * (1 - self.state)
"""
PAIR = """\
import numpy as np


def linear_forward(A, W, b):
    return A @ W + b, (A, W, b)


def linear_backward(dZ, cache):
    A, W, b = cache
    return dZ @ W.T, A.T @ dZ, dZ.sum(axis=0)
"""
LAYER = """\
class Layer:
    def __init__(self, name):
        self.name = name
"""
RELU = """\
import layer
import numpy as np


class ReLU(layer.Layer):
    def __init__(self, name="ReLU"):
        super().__init__(name)

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, d):
        return d * (self.x > 0)
"""
KEPT = """\
import numpy as np


class Tanh:
    def forward(self, inputs):
        self.output = np.tanh(inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues * (1 - self.output**2)


class Loss:
    def forward(self, output, y):
        return ((output - y) ** 2).sum(axis=1)

    def calculate(self, output):
        return self.forward(output).mean()
"""


@pytest.mark.parametrize(
    ("item", "files", "right", "wrong"),
    [
        # the class of the other file, a copy of its own, is not what the first one's own code means
        ("sigmoid", {"net/activation.py": SIGMOID, "net/cells.py": "from activation import *\n"}, "(1 - self.state)", "self.state"),
        # the functions are what the import calls them
        ("fc", {"layers.py": PAIR, "network.py": "import layers as L\n"}, "A.T @ dZ", "A.T @ dZ / 2"),
        # a module that the submission has is no framework
        ("relu", {"net/layer.py": LAYER, "net/activations.py": RELU}, "(self.x > 0)", "(self.x < 0)"),
        # two files each have a class of that name
        ("tanh", {"one.py": KEPT, "two.py": KEPT.replace("Loss", "Loss(object)")}, "(1 - self.output**2)", "(1 - self.output)"),
    ],
)  # fmt: skip
def test_right_files_pass_and_wrong_ones_do_not(
    tmp_path: Path, item: str, files: dict[str, str], right: str, wrong: str
) -> None:
    assert judged(tmp_path / "right", item, files) == "passed"
    slipped = {name: text.replace(right, wrong) for name, text in files.items()}
    assert slipped != files
    assert judged(tmp_path / "wrong", item, slipped) in ("partial", "failed")


def judged(folder: Path, item: str, files: dict[str, str]) -> str:
    """The status of the item for a folder of these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    options = Options(items=frozenset([item]))
    for event in grade(read_submission(folder), built_in_sprints()["dnn"], options):
        if isinstance(event, ItemFinished) and event.result.spec.id == item:
            return event.result.status
    raise AssertionError("no verdict")
