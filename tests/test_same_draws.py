"""What else is judged changes no draw and no verdict: not other items, not their order, not an override."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.engine import ItemFinished, Options, grade
from graders.grading import Grading, Request
from graders.judging import ItemResult, Judge
from graders.sandbox.session import Session
from graders.specs import ItemSpec, SprintSpec
from graders.submission import read_submission
from tests.built_in import built_in_sprints

ITEMS = {
    "cnn2": ("flatten", "average_pool2d", "max_pool2d", "conv2d"),
    "dnn": ("relu", "adagrad", "sgd", "fc", "softmax"),
}


def told(result: ItemResult) -> dict[str, Any]:
    """All of a verdict but its cost in seconds."""
    bound = result.binding
    return {
        "status": result.status,
        "checks": [(c.id, c.status, str(c.message)) for c in result.checks],
        "bound": bound and (bound.name, bound.construct, bound.forward, bound.backward),
    }


def graded(path: Path, sprint: SprintSpec, items: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The verdicts on these items of a submission."""
    wanted = frozenset(items)
    events = grade(read_submission(path), sprint, Options(seed=7, items=wanted))
    results = [e.result for e in events if isinstance(e, ItemFinished)]
    return {r.spec.id: told(r) for r in results if r.spec.id in wanted}


WRONG = {  # partly wrong, so that messages tell drawn numbers
    "cnn2": """
import numpy as np
class Flatten:
    def forward(self, X):
        self.shape = X.shape
        return X.reshape(len(X), -1)
    def backward(self, dA):
        return dA.reshape(self.shape)
class MaxPool2D:
    def __init__(self, size):
        self.s = size
    def forward(self, X):
        s = self.s
        N, C, H, W = X.shape
        self.X = X
        v = X[:, :, :H // s * s, :W // s * s].reshape(N, C, H // s, s, W // s, s)
        self.m = v == v.max((3, 5), keepdims=True)
        return v.max((3, 5))
    def backward(self, dA):
        s = self.s
        out = np.zeros(self.X.shape)
        Y, Z = dA.shape[2:]
        out[:, :, :Y * s, :Z * s] = (self.m * dA[:, :, :, None, :, None]).reshape(*dA.shape[:2], Y * s, Z * s) / s
        return out
class AveragePool2D(MaxPool2D):
    def forward(self, X):
        s = self.s
        N, C, H, W = X.shape
        self.X = X
        return X[:, :, :H // s * s, :W // s * s].reshape(N, C, H // s, s, W // s, s).sum((3, 5))
    def backward(self, dA):
        return np.zeros_like(self.X)
class Conv2d:
    def __init__(self, n_in, n_out, f, initializer, optimizer):
        self.W = initializer.W(n_out, n_in, f, f)
        self.b = initializer.B(n_out)
        self.optimizer = optimizer
    def forward(self, X):
        self.X = X
        f = self.W.shape[2]
        v = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(2, 3))
        return np.einsum('ncyxij,ocij->noyx', v, self.W) - self.b[:, None, None]
    def backward(self, dA):
        f = self.W.shape[2]
        v = np.lib.stride_tricks.sliding_window_view(self.X, (f, f), axis=(2, 3))
        self.dW = np.einsum('ncyxij,noyx->ocij', v, dA)
        self.db = dA.sum((0, 2, 3))
        out = np.zeros(self.X.shape)
        for i in range(f):
            for j in range(f):
                out[:, :, i:i + dA.shape[2], j:j + dA.shape[3]] += np.einsum('noyx,oc->ncyx', dA, self.W[:, :, i, j])
        self.optimizer.update(self)
        return out
""",
    "dnn": """
import numpy as np
class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)
    def backward(self, dZ):
        return dZ * (self.A > 1)
class SGD:
    def __init__(self, lr):
        self.lr = lr
    def update(self, layer):
        layer.W -= self.lr * layer.dW
        layer.B -= 2 * self.lr * layer.dB
        return layer
class AdaGrad:
    def __init__(self, lr):
        self.lr, self.HW, self.HB = lr, 0, 0
    def update(self, layer):
        self.HW = self.HW + layer.dW ** 2
        self.HB = self.HB + layer.dB
        layer.W -= self.lr * layer.dW / np.sqrt(self.HW)
        layer.B -= self.lr * layer.dB / np.sqrt(np.abs(self.HB))
        return layer
class Softmax:
    def forward(self, A):
        e = np.exp(A)
        return e / e.sum()
    def backward(self, Z, Y):
        return Z - Y
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        self.dW = self.X.T @ dA / 2
        self.dB = dA.mean(axis=0)
        dZ = dA @ self.W.T
        self.optimizer.update(self)
        return dZ
""",
}


Sent = dict[str, list[str]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """All that the student's process is asked, item by item."""
    found: Sent = {}
    run, judge = Session.run, Judge.judge
    item = [""]

    def recorded(self: Session, steps: Any, arrays: Any = (), *args: Any, **more: Any) -> Any:
        told = hashlib.sha256(repr(steps).encode())
        for array in arrays:
            told.update(np.ascontiguousarray(array).tobytes())
        found.setdefault(item[0], []).append(told.hexdigest())
        return run(self, steps, arrays, *args, **more)

    def judged(self: Judge, spec: ItemSpec) -> ItemResult:
        item[0] = spec.id
        return judge(self, spec)

    monkeypatch.setattr(Session, "run", recorded)
    monkeypatch.setattr(Judge, "judge", judged)
    return found


@pytest.mark.parametrize("name", ITEMS)
def test_other_items_and_their_order_change_no_draw(tmp_path: Path, name: str, sent: Sent) -> None:
    path = tmp_path / "work.py"
    path.write_text(WRONG[name])
    sprint = built_in_sprints()[name]
    together = graded(path, sprint, ITEMS[name])
    assert any(r["status"] == "partial" for r in together.values())
    asked = {item: list(sent[item]) for item in ITEMS[name]}
    every = {request for requests in sent.values() for request in requests}
    for item in reversed(ITEMS[name]):
        sent.clear()
        assert graded(path, sprint, [item])[item] == together[item]
        # What several items need is asked once: by itself an item asks it, too.
        assert [r for r in sent[item] if r in asked[item]] == asked[item]
        assert set(sent[item]) <= every


NETWORKS = """
import numpy as np
class Scratch2dCNNClassifier:
    def __init__(self, epochs=1, lr=0.01):
        self.epochs, self.lr, self.W = epochs, lr, np.zeros((784, 10))
    def fit(self, X, y):
        pass
    def predict(self, X):
        return (X.reshape(len(X), -1) @ self.W).argmax(1)
class LeNet(Scratch2dCNNClassifier):
    pass
X_train, y_train = np.random.rand(100, 784), np.random.randint(0, 10, 100)
cnn = Scratch2dCNNClassifier()
cnn.fit(X_train, y_train)
cnn.predict(X_train)
lenet = LeNet()
lenet.fit(X_train, y_train)
lenet.predict(X_train)
"""
OVERRIDE = "items:\n  cnn2d_classifier: {name: Scratch2dCNNClassifier}\n"


def test_an_override_on_one_classifier_leaves_the_other_alone(tmp_path: Path) -> None:
    work, rules = tmp_path / "work.py", tmp_path / "o.yaml"
    work.write_text(NETWORKS)
    rules.write_text(OVERRIDE)
    grading = Grading(Request(work, sprint="cnn2", overrides=rules, budget=30))
    grading.select(frozenset(["cnn2d_classifier", "lenet"]))
    events = list(grading.events())
    results = {e.result.spec.id: e.result for e in events if isinstance(e, ItemFinished)}
    for item, name in (("cnn2d_classifier", "Scratch2dCNNClassifier"), ("lenet", "LeNet")):
        result = results[item]
        assert result.binding is not None
        assert result.binding.name == name
        assert result.status == "failed", str(result.message)  # it was trained, and learnt nothing
