"""What else is judged changes no draw and no verdict: not other items, not their order, not an override."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.engine import ItemFinished, Options, grade
from graders.grading import Grading, Request
from graders.judging.results import ItemResult
from graders.sandbox.session import Session
from graders.specs import ItemSpec, SprintSpec
from graders.submission import read_submission
from graders.verdict.judge import Judge
from tests.built_in import built_in_sprints
from tests.one_item import dense
from tests.test_interfaces import MODULES
from tests.test_one_class_answers import SGD

ITEMS = {
    "cnn2": ("average_pool2d", "max_pool2d", "conv2d"),
    "dnn": ("relu", "sgd", "fc", "sigmoid"),
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


# Partly wrong, so that messages tell drawn numbers: interfaces with what is wrong in them.
WRONG = {
    "cnn2": (
        MODULES["pooling_refuses_a_rest"].wrong["max_pool2d", "dX"]
        + MODULES["hooks_for_weights"].wrong["conv2d", "dW"]
    ),
    "dnn": (
        MODULES["outputs_kept_as_attributes"].wrong["fc", "dX"]
        + dense(dW="self.X.T @ dA + 1")
        + SGD.format("-")
    ),
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
