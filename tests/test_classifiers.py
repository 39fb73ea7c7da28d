"""Classifiers: what the notebook trains is trained again and asked for digits it never saw."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from benchmarks.training import calibrate
from graders.checks.training import measure, renamed, wilson, with_noise
from graders.data import digits
from graders.engine import ItemFinished, Options, grade
from graders.judging.context import TrainingOptions
from graders.judging.results import ItemResult
from graders.messages import Message
from graders.report.report import Report
from graders.sandbox.session import Budget
from graders.specs import BUILTIN
from graders.submission import read_submission
from tests import warm
from tests.built_in import built_in_sprints

Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parent.parent

LOAD = """
import numpy as np
from keras.datasets import mnist
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train, y_train, X_test, y_test = X_train[:1000], y_train[:1000], X_test[:500], y_test[:500]
X_train = X_train.reshape(-1, 784) / 255
X_test = X_test.reshape(-1, 784) / 255
"""
NET = """
class Net:
    def __init__(self, {init}):
        rng = np.random.default_rng(1)
        self.V, self.W, self.b = rng.normal(0, 0.05, (784, 20)), rng.normal(0, 0.1, (20, 10)), np.zeros(10)
        self.loss = []
        {own}
    def proba(self, X):
        self.H = np.maximum(X @ self.V, 0)
        e = np.exp(self.H @ self.W + self.b)
        return e / e.sum(axis=1, keepdims=True)
    def step(self, X, Y):
        P = self.proba(X)
        self.loss.append(-np.mean(np.sum(Y * np.log(P + 1e-9), axis=1)))
        D = (P - Y) / len(X)
        dV = X.T @ (D @ self.W.T * (self.H > 0))
        self.W -= self.lr * self.H.T @ D
        self.V -= self.lr * dV
        self.b -= self.lr * D.sum(axis=0)
"""
OWN = "self.n_epochs, self.batch_size, self.lr = n_epochs, batch_size, lr"
PLAIN = NET.format(init="n_epochs=5, batch_size=20, lr=0.1", own=OWN)
LOOP = """
        for epoch in range(self.n_epochs):
            for i in range(0, len(X), self.batch_size):
                self.step(X[i:i + self.batch_size], np.eye(10)[y[i:i + self.batch_size]])
"""
FIT = "    def fit(self, X, y):" + LOOP
PREDICT = "    def predict(self, X):\n        return self.proba(X).argmax(axis=1)\n"


def judged(path: Path, item: str = "dnn_classifier", **training: object) -> ItemResult:
    """The verdict on one item of a submission."""
    sprint = next(s for s in built_in_sprints().values() if any(i.id == item for i in s.items))
    options = Options(
        sys.executable, budget=Budget(cell=4.0), items=frozenset({item}),
        training=TrainingOptions(**training),  # type: ignore[arg-type]
    )  # fmt: skip
    for event in grade(read_submission(path), sprint, options):
        if isinstance(event, ItemFinished) and event.result.spec.id == item:
            return event.result
    raise AssertionError(item)


def statuses(result: ItemResult) -> dict[str, str]:
    """The status of each check."""
    return {c.id: c.status for c in result.checks}


# -- what notebooks do ---------------------------------------------------------------------------

RIGHT = {
    "validation data are mandatory": (
        PLAIN + "    def fit(self, X, y, X_val, y_val):" + LOOP
        + "        self.val = (self.predict(X_val) == y_val).mean()\n" + PREDICT,
        "net = Net()\nnet.fit(X_train[:200], y_train[:200], X_test[:50], y_test[:50])",
    ),
    "one step a call, looped outside": (
        PLAIN + "    def fit(self, X, Y):\n        self.step(X, Y)\n" + PREDICT,
        "net = Net(lr=0.2)\nfor i in range(0, 100, 20):\n    xb, yb = X_train[i:i+20], np.eye(10)[y_train[i:i+20]]\n    net.fit(xb, yb)",
    ),
    "a trainer beside the model, filled with layers": (
        PLAIN + PREDICT + "class Trainer:\n    def __init__(self, model, epochs):\n"
        "        self.model, self.epochs, self.callbacks = model, epochs, []\n"
        "    def add(self, c):\n        self.callbacks.append(c)\n"
        "    def fit(self, X, y):\n        for _ in range(self.epochs):\n"
        "            for i in range(0, len(X), 20):\n"
        "                self.model.step(X[i:i+20], np.eye(10)[y[i:i+20]])\n                self.callbacks[0]()\n",
        "model = Net()\ntrainer = Trainer(model, epochs=1)\ntrainer.add(lambda: None)\ntrainer.fit(X_train[:100], y_train[:100])",
    ),
    "called by a function that is given the model": (
        PLAIN + FIT + PREDICT,
        "def run(model, X, y, n=100):\n    model.fit(X[:n], y[:n])\nbest = Net(n_epochs=1)\nrun(best, X_train, y_train)",
    ),
    "a filter that is dead before its ReLU in every other start": (
        PLAIN + FIT + PREDICT
        + "class Filtered(Net):\n    def __init__(self, lr):\n        super().__init__(lr=lr)\n"
        "        self.w = np.sign(0.5 - np.random.rand())\n"
        # A rate that is too large kills it, as one does.
        "    def step(self, X, Y):\n        super().step(np.maximum(0, self.w * X), Y)\n"
        "        self.w *= np.abs(self.W).max() < 0.8\n"
        "    def predict(self, X):\n        return super().predict(np.maximum(0, self.w * X))\n",
        "np.random.seed(0)\nnet = Filtered(lr=0.02)\nnet.fit(X_train[:200], y_train[:200])",
    ),
    "a learning rate that is far too small": (
        PLAIN + FIT + PREDICT,
        "net = Net(lr=0.0002)\nnet.fit(X_train[:200], y_train[:200])",
    ),
    "epochs that are an attribute, and a cell that runs out of time": (
        NET.format(init="", own="self.n_epochs, self.batch_size, self.lr = 100000, 20, 0.1")
        + FIT + PREDICT,
        "net = Net()\nnet.fit(X_train, y_train)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_a_notebook_that_learns_passes_whatever_its_ways(write_notebook: Write, case: str) -> None:
    classes, training = RIGHT[case]
    result = judged(write_notebook(LOAD, classes, training))
    assert result.status == "passed", (result.message, result.trace)
    assert result.training is not None
    assert result.training.measured.accuracy > 0.6


def test_functions_and_weights_of_the_module_are_trained(write_notebook: Write) -> None:
    functions = """
def train(images, one_hot, V, W, epochs):
    for _ in range(epochs):
        for image, answer in zip(images, one_hot):
            x = image.ravel()
            h = np.maximum(V @ x, 0)
            e = np.exp(W @ h)
            delta = e / e.sum() - answer
            inner = W.T @ delta * (h > 0)
            W -= 0.02 * np.outer(delta, h)
            V -= 0.02 * np.outer(inner, x)
    return V, W
def net_predict(image, V, W):
    return int(np.argmax(W @ np.maximum(V @ image.ravel(), 0)))
"""
    training = """
Y = np.eye(10)[y_train[:100]]
x = X_train.reshape(-1, 28, 28)[:100]
V, W = np.random.normal(0, 0.05, (20, 784)), np.random.normal(0, 0.1, (10, 20))
V, W = train(images=x, one_hot=Y, V=V, W=W, epochs=1)
right = 0
for image, label in zip(X_test[:50].reshape(-1, 28, 28), y_test[:50]):
    right += net_predict(image, V, W) == label
"""
    result = judged(write_notebook(LOAD, functions, training))
    assert result.status == "passed", (result.message, result.trace)


WRONG = {
    "divides twice, learns nothing in the time": (
        PLAIN.replace("/ len(X)", "/ len(X) * 1e-9").replace(".mean(axis=0)", ".mean(axis=0) * 1e-9")
        + FIT + PREDICT,
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "failed", "repeat": "failed"}, "Does not learn",
    ),
    "diverges": (
        PLAIN.replace("self.lr * dV", "self.lr * np.nan * dV") + FIT + PREDICT.replace(
            "self.proba(X).argmax(axis=1)", "self.proba(X)"),
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "failed", "repeat": "failed"}, "NaN",
    ),
    "answers in another order": (
        PLAIN + FIT + "    def predict(self, X):\n        X = X[np.random.permutation(len(X))]\n"
        "        return self.proba(X).argmax(axis=1)\n",
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "failed", "repeat": "failed"}, "Does not learn",
    ),
    "drops the last images": (
        PLAIN + FIT + "    def predict(self, X):\n        n = len(X) // 20 * 20\n"
        "        return self.proba(X[:n]).argmax(axis=1)\n",
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "failed", "repeat": "failed"}, "predict returned an array of shape",
    ),
    "only whole batches": (
        PLAIN + FIT.replace("self.step(X[i", "assert len(X) % self.batch_size == 0\n                self.step(X[i")
        + PREDICT,
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "passed", "repeat": "failed"}, "no multiple of the batch size 20",
    ),
    "its own setting unused": (
        PLAIN + FIT.replace("self.n_epochs", "n_epochs") + PREDICT,
        "n_epochs = 2\nnet = Net(n_epochs=2)\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "passed", "repeat": "failed"}, "the n_epochs that the constructor was given",
    ),
    "raises": (
        PLAIN + FIT + PREDICT.replace("self.proba", "self.probe"),
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "error", "repeat": "error"}, "AttributeError",
    ),
    "another package's network": (
        "from sklearn.neural_network import MLPClassifier\nclass Net:\n    def __init__(self):\n"
        "        self.net = MLPClassifier()\n    def fit(self, X, y):\n        self.net.fit(X, y)\n"
        "    def predict(self, X):\n        return self.net.predict(X)\n",
        "net = Net()\nnet.fit(X_train[:100], y_train[:100])",
        {"training": "failed", "repeat": "failed"}, "uses sklearn.neural_network",
    ),
    "takes no data": (
        PLAIN + "    def fit(self):\n        X, y = X_train[:100], y_train[:100]" + LOOP + PREDICT,
        "net = Net()\nnet.fit()",
        {"training": "failed", "repeat": "failed"}, "takes no data",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_named(write_notebook: Write, case: str) -> None:
    classes, training, expected, words = WRONG[case]
    result = judged(write_notebook(LOAD, classes, training))
    assert statuses(result) == expected, (result.message, result.trace)
    told = " ".join(str(c.message) for c in result.checks)
    assert words in told


def test_why_it_does_not_learn_is_looked_for_in_its_first_step() -> None:
    result = judged(ROOT / "submissions" / "wrong" / "returns_before_update.py", seconds=15.0)
    assert statuses(result) == {"training": "failed", "repeat": "failed"}
    assert str(result.message).startswith("Does not learn")
    assert "a step of fit does not change W1, b1, W2, b2" in str(result.message)
    assert "fitの1回の更新でW1, b1, W2, b2が変化しません" in result.message.in_language("ja")


def test_what_is_too_slow_is_said_to_be_and_is_not_wrong() -> None:
    result = judged(ROOT / "submissions" / "right" / "too_slow_to_verify.py", seconds=2.0)
    assert result.status == "manual"
    assert str(result.message).startswith("Too slow to verify: one image takes ")
    assert result.score == 0


@pytest.mark.parametrize(("work", "digits_seen", "expected"), [
    ("pass", 1000, {"training": "failed", "repeat": "failed"}),
    ("np.linalg.svd(np.outer(x, x)[:200, :200] + np.eye(200))", 100,
     {"training": "skipped", "repeat": "skipped"}),
])  # fmt: skip
def test_a_model_trained_by_other_means_does_not_speak_for_its_fit(
    write_notebook: Write, work: str, digits_seen: int, expected: dict[str, str]
) -> None:
    """Its fit, quick or slow, changes nothing; the notebook trains the model step by step."""
    idle = "    def fit(self, X, y):\n        for _ in range(self.n_epochs):\n"
    idle += f"            for x in X:\n                {work}\n"
    training = "net = Net()\nnet.fit(X_train[:20], y_train[:20])\n"
    training += f"for i in range(0, {digits_seen}, 20):\n"
    training += "    net.step(X_train[i:i+20], np.eye(10)[y_train[i:i+20]])\n"
    result = judged(write_notebook(LOAD, PLAIN + idle + PREDICT, training), seconds=8.0)
    assert statuses(result) == expected, (result.message, result.trace)


def test_nothing_that_trains_is_missing(write_notebook: Write) -> None:
    result = judged(write_notebook("import numpy as np", "def sigmoid(x):\n    return x"))
    assert result.status == "missing"


def test_a_classifier_that_is_never_trained_is_trained_if_its_names_say_how(
    write_notebook: Write,
) -> None:
    named = PLAIN.replace("class Net", "class ScratchDeepNeuralNetworkClassifier")
    named = named.replace("n_epochs=5, batch_size=20, lr=0.1", "n_epochs, batch_size, lr=0.1")
    result = judged(write_notebook(LOAD, named + FIT + PREDICT))
    assert result.status == "passed", (result.message, result.trace)
    # What the constructor wants is open, or the code is wrong: a guessed call proves no fault.
    for change in (("n_epochs, batch", "hidden, n_epochs, batch"), ("self.W -=", "self.W -= 0 *")):
        path = write_notebook(LOAD, named.replace(*change) + FIT + PREDICT)
        result = judged(path, seconds=6.0)
        assert result.status == "manual"
        assert "is never trained in the notebook" in str(result.message)


def test_a_network_of_another_kind_does_not_answer(write_notebook: Write) -> None:
    path = write_notebook(
        LOAD, PLAIN + FIT + PREDICT, "net = Net()\nnet.fit(X_train[:40], y_train[:40])"
    )
    for item in ("cnn1d_classifier", "cnn2d_classifier", "lenet"):
        assert judged(path, item).status == "missing"


def test_no_digit_that_is_asked_for_comes_with_its_label(write_notebook: Write) -> None:
    spy = (
        FIT
        + """        Net.seen = getattr(Net, 'seen', []) + [np.asarray(y).copy()]
    def predict(self, X):
        import gc
        labels = [a for a in gc.get_objects() if isinstance(a, np.ndarray)]
        for a in list(labels) + list(globals().values()):
            if isinstance(a, np.ndarray) and a.shape == (len(X),) and len(X) > 100:
                return a
        return np.zeros(len(X))
"""
    )
    result = judged(
        write_notebook(LOAD, PLAIN + spy, "net = Net()\nnet.fit(X_train[:40], y_train[:40])")
    )
    assert result.status == "failed"


# -- the reference, the report, the command ---------------------------------------------------------


def classifiers() -> Iterator[str]:
    """Items of kind classifier."""
    for sprint in built_in_sprints().values():
        yield from (i.id for i in sprint.items if i.kind == "classifier")


def test_each_threshold_leaves_the_reference_its_margin() -> None:
    assert {"dnn_classifier", "cnn1d_classifier", "cnn2d_classifier", "lenet"} <= set(classifiers())
    for sprint in built_in_sprints().values():
        for item in sprint.items:
            if item.training is not None:
                t = item.training
                assert t.seeds >= 10
                assert t.floor < t.accuracy <= t.mean - 3 * t.sd


def test_the_figures_in_the_spec_are_those_of_the_reference() -> None:
    item = built_in_sprints()["cnn2"].item("cnn2d_classifier")
    assert item.training is not None
    found = calibrate(item, 2)
    assert abs(found.mean - item.training.mean) <= 4 * item.training.sd


def test_the_report_tells_the_training_and_is_valid(write_notebook: Write) -> None:
    path = write_notebook(
        LOAD, PLAIN + FIT + PREDICT, "net = Net()\nnet.fit(X_train[:100], y_train[:100])"
    )
    told: list[tuple[str, float]] = []

    def listen(what: Message, seconds: float) -> None:
        told.append((str(what), seconds))

    submission, sprint = read_submission(path), built_in_sprints()["dnn"]
    report = Report(path, "ja", submission, sprint)
    options = Options(
        sys.executable, items=frozenset({"dnn_classifier"}),
        training=TrainingOptions(progress=listen),
    )  # fmt: skip
    for event in grade(submission, sprint, options):
        report.take(event)
    data = report.as_dict()
    schema = json.loads((BUILTIN / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, schema)
    item = next(i for i in data["items"] if i["id"] == "dnn_classifier")
    training = item["training"]
    assert training["way"] == "trial"
    assert training["n"] == 1000
    assert np.sum(training["confusion"]) == 1000
    assert np.trace(np.array(training["confusion"])[:, :10]) == round(1000 * training["accuracy"])
    assert training["interval"][0] < training["accuracy"] < training["interval"][1]
    assert len(training["curve"]) > 100
    assert training["curve"][0] > training["curve"][-1]
    assert (training["samples"], training["epochs"]) == (2000, 5)
    assert training["complete"] is True
    assert "Accuracy" in item["message"]
    assert any("training on 2000 digits" in what and seconds > 1 for what, seconds in told)


def test_the_command_takes_the_full_set_and_refuses_a_broken_one(tmp_path: Path) -> None:
    sample = ROOT / "submissions" / "right" / "network_in_one_class.py"
    file = tmp_path / "mnist.npz"
    file.write_bytes(b"PK\x03\x04 broken")
    for command in (
        ["-m", "graders.cli", "grade", str(sample), "--sprint", "dnn", "--mnist", str(file)],
        ["-m", "pytest", "graders", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--submission", str(sample),
         "--sprint", "dnn", "--mnist", str(file)],
    ):  # fmt: skip
        done = warm.run([sys.executable, *command])
        assert done.returncode >= 2
        assert f"--mnist {file}" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr


# -- accuracy and what it proves --------------------------------------------------------------------


def test_guessing_never_passes_for_learning() -> None:
    labels = digits().held_out_labels
    rng = np.random.default_rng(0)
    for n in (100, 300, 1000):
        assert not any(measure(rng.integers(0, 10, n), labels).learns(0.2) for _ in range(2000))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    for p in (0.1, 0.5, 0.95):
        hits = rng.binomial(200, p, 4000)
        inside = [low <= p <= high for low, high in (wilson(int(k), 200, 1.96) for k in hits)]
        assert 0.93 <= np.mean(inside) <= 0.975


def test_renamed_classes_are_told_in_digits() -> None:
    rng = np.random.default_rng(0)
    labels = digits().held_out_labels
    meaning = renamed(rng)
    assert sorted(meaning) == list(range(10))
    assert not any(meaning == np.arange(10))
    found = measure(meaning[labels], labels, meaning)
    assert found.accuracy == 1
    assert np.array_equal(np.diag(found.confusion[:, :10]), [100] * 10)
    assert measure(labels.astype(int), labels, meaning).right == 0


def test_the_noise_is_on_the_ink_and_small() -> None:
    images = digits().held_out
    noisy = with_noise(images, np.random.default_rng(0))
    assert noisy.dtype == np.uint8
    assert np.array_equal(noisy == 0, images == 0)
    assert np.abs(noisy.astype(int) - images).max() <= 2
    known = {image.tobytes() for image in images}
    assert not any(image.tobytes() in known for image in noisy)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("net = LeNet(SGD(0.1))", True),
        ("Conv2d(1, 6, 5); Conv2d(6, 16, 5); FC(256, 120); FC(120, 84); FC(84, 10)", True),
        ("net = Net(n_nodes=[120, 84], filters=[6, 16])", True),  # in another order
        ("net = Net(n_nodes=[120, 84], filters=[1, 1])", False),
        ("net = Net(filters=[6, 16], n_nodes=[100, 84])", False),
    ],
)
def test_what_is_not_called_lenet_has_its_sizes(text: str, is_one: bool) -> None:
    keywords = built_in_sprints()["cnn2"].item("lenet").keywords
    assert keywords is not None
    assert (keywords.search(text) is not None) == is_one
