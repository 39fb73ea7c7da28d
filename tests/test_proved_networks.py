"""Networks that are too slow to be trained, and get their verdict from a few mini-batches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.data import digits
from graders.engine import ItemFinished, Options, grade
from graders.judging.context import TrainingOptions
from graders.judging.results import ItemResult
from graders.kinds.classifier.programs import Effort, TrialProgram
from graders.sandbox.session import Budget, CellError, Outcome, Session
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.test_training_step import LAYERS, LOAD, NETWORK

# An image takes so long that 2,000 of them five times would be minutes.
SLOW = (LAYERS + NETWORK).replace(
    "        return X @ self.W + self.B",
    "        for _ in range(30_000 * len(X)):\n            pass\n        return X @ self.W + self.B",
)
USE = "net = Network()\nnet.fit(X_train[:2], Y_train[:2])\nnet.predict(X_train[:2])"


def changed(*pairs: tuple[str, str]) -> str:
    """The slow network with some things changed; each of them is there."""
    text = SLOW
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def judged(path: Path, source: str, seconds: float = 4.0) -> ItemResult:
    """The verdict on the classifier of sprint dnn, with so many seconds to train."""
    path.write_text("\n".join([LOAD, source, USE]))
    options = Options(
        sys.executable,
        budget=Budget(cell=6.0),
        items=frozenset({"dnn_classifier"}),
        training=TrainingOptions(seconds=seconds),
    )
    for event in grade(read_submission(path), built_in_sprints()["dnn"], options):
        if isinstance(event, ItemFinished) and event.result.spec.id == "dnn_classifier":
            return event.result
    raise AssertionError


def test_a_right_network_passes_by_the_equality_of_its_steps(tmp_path: Path) -> None:
    result = judged(tmp_path / "work.py", SLOW)
    assert result.status == "passed", result.message
    assert result.training is not None
    assert (result.training.way, result.training.steps) == ("steps", 4)
    assert result.training.measured.accuracy > 0.8
    assert "proved by equality of steps" in str(result.checks[0].message)
    assert not result.binding or not result.binding.notes


def names_of(labels: np.ndarray, shown: np.ndarray) -> bool:
    """True if what was sent tells the labels, under whatever names."""
    told = shown.argmax(axis=1) if shown.ndim == 2 and shown.shape[1] > 1 else shown.ravel()
    if len(told) != len(labels) or len(set(labels.tolist())) < 2:
        return False
    pairs = set(zip(labels.tolist(), told.tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_no_label_of_the_digits_that_are_asked_for_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[np.ndarray] = []
    run = Session.run

    def watched(
        self: Session,
        steps: list[dict[str, Any]],
        arrays: list[np.ndarray],
        *rest: Any,
        **more: Any,
    ) -> Any:
        sent.extend(arrays)
        return run(self, steps, arrays, *rest, **more)

    monkeypatch.setattr(Session, "run", watched)
    assert judged(tmp_path / "work.py", LAYERS + NETWORK).status == "passed"
    labels = digits().held_out_labels
    assert any(len(a) >= 100 for a in sent if a.ndim)  # the digits themselves
    assert not any(
        names_of(labels[: len(a)], a) for a in sent if a.ndim and 20 <= len(a) <= len(labels)
    )
    assert names_of(labels[:100], np.eye(10)[(labels[:100] + 3) % 10])


NOT_PROVED = {
    "a layer that is not updated": (
        changed(("FC(784, 30, SGD(self.lr))", "FC(784, 30, SGD(0))")),
        "Training never changes the weights of FC1 (FC)",
    ),
    "predict goes through weights of before": (
        changed(
            ("        self.act1, self.act2 = Tanh(), Softmax()\n",
             "        self.act1, self.act2 = Tanh(), Softmax()\n"
             "        self.old = FC(784, 30, SGD(self.lr)), FC(30, 10, SGD(self.lr))\n"),
            ("Z1 = self.act1.forward(self.FC1.forward(X))", "Z1 = self.act1.forward(self.old[0].forward(X))"),
            ("self.FC2.forward(Z1)).argmax", "self.old[1].forward(Z1)).argmax"),
        ),
        "of the answers of predict are those of its own layers",
    ),
    "predict answers in another order": (
        changed(("self.act2.forward(self.FC2.forward(Z1)).argmax(axis=1)",
                 "self.act2.forward(self.FC2.forward(Z1)).argmax(axis=1)[np.random.permutation(len(X))]")),
        "of the answers of predict are those of its own layers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_PROVED)
def test_what_is_no_network_that_learns_and_answers_is_not_proved(
    tmp_path: Path, case: str
) -> None:
    source, words = NOT_PROVED[case]
    result = judged(tmp_path / "work.py", source)
    assert result.status != "passed"
    assert result.score == 0
    said = " ".join(str(m) for m in (result.message, *(c.message for c in result.checks)))
    assert words in said, said


def test_right_steps_from_a_start_too_small_for_so_few_are_no_fault(tmp_path: Path) -> None:
    """As rates are: a larger one is tried, and it is told."""
    text = changed(
        ("n_out) * 0.05", "n_out) * 1e-4"),
        ("self.FC1, self.FC2 = FC(784, 30, SGD(self.lr)),", "self.FC1, self.FC2, self.FC3 = FC(784, 30, SGD(self.lr)), FC(30, 30, SGD(self.lr)),"),
        ("A2 = self.FC2.forward(Z1)", "A2 = self.FC3.forward(self.FC2.forward(Z1))"),
        ("dZ1 = self.FC2.backward(dA2)", "dZ1 = self.FC2.backward(self.FC3.backward(dA2))"),
        ("self.FC2.forward(Z1)).argmax", "self.FC3.forward(self.FC2.forward(Z1))).argmax"),
    )  # fmt: skip
    result = judged(tmp_path / "work.py", text)
    assert result.status == "passed", (result.message, result.trace)
    assert result.binding is not None
    told = " ".join(map(str, result.binding.notes))
    assert "with weights of the usual spread it does" in told, result.trace


@pytest.mark.parametrize(
    "start",
    [
        "np.zeros((n_in, n_out))",
        "np.full((n_in, n_out), 0.05)",
        "np.tile(np.random.randn(n_in, 1) * 0.05, (1, n_out))",
    ],
)
def test_a_start_from_which_all_units_learn_the_same_stays_one(tmp_path: Path, start: str) -> None:
    result = judged(tmp_path / "work.py", changed(("np.random.randn(n_in, n_out) * 0.05", start)))
    assert result.status != "passed"
    assert result.score == 0


def test_a_mistake_that_lets_it_learn_is_noted(tmp_path: Path) -> None:
    """As of a network that is fast enough to be trained: larger rates are tried."""
    text = changed(("self.lr * layer.dW", "self.lr * layer.dW / len(layer.X)"))
    result = judged(tmp_path / "work.py", text)
    assert result.status == "passed", result.message
    assert result.binding is not None
    (note,) = [str(n) for n in result.binding.notes if "steps" in str(n)]
    assert "The gradient is divided by the batch size twice" in note


def test_a_fit_that_goes_through_the_modules_images_is_told(tmp_path: Path) -> None:
    given = "self.step(X[i:i + self.batch_size], Y[i:i + self.batch_size])"
    result = judged(
        tmp_path / "work.py",
        changed((given, given.replace("X[", "X_train[").replace("Y[", "Y_train["))),
    )
    (repeat,) = [c for c in result.checks if c.facet == "repeat"]
    assert repeat.status == "failed"
    assert "was given other digits and went through the module's X_train" in str(repeat.message)


@pytest.mark.parametrize(
    "scaled",
    [
        "(X - X_train.mean()) / X_train.std()",
        "(X - X_train.mean(axis=0)) / (X_train.std(axis=0) + 0.1)",
    ],
)
def test_what_reads_the_modules_data_for_its_scale_goes_through_what_it_is_given(
    tmp_path: Path, scaled: str
) -> None:
    scaled = f"X = {scaled}\n        "
    text = changed(
        ("for _ in range(self.epochs):", scaled + "for _ in range(self.epochs):"),
        ("Z1 = self.act1.forward(self.FC1.forward(X))\n        return", scaled + "Z1 = self.act1.forward(self.FC1.forward(X))\n        return"),
    )  # fmt: skip
    result = judged(tmp_path / "work.py", text)
    assert "went through" not in " ".join(str(c.message) for c in result.checks), result.trace
    assert not any(c.status == "failed" for c in result.checks), result.trace


def odd_outcome(failed: str) -> CellError | None:
    """What is told of asking for seven images where that step of it failed."""
    program = TrialProgram.__new__(TrialProgram)
    program.effort, program.asked, program.rates = Effort(27, 1, 5.0, odd=True), [], 0
    program.steps = [{"do": "exec"}, {"do": "exec"}, {"do": "hold"}]
    program.stages = ["fit", "odd", "odd"]
    step = next(i for i, s in enumerate(program.steps) if s["do"] == failed and i)
    outcome = Outcome(
        error=CellError("NameError", "no such name"),
        failed_step=step,
        outcomes=tuple(i != step for i in range(3)),
    )
    return program.read(outcome).odd_error


def test_what_was_not_come_to_is_no_fault_of_predict() -> None:
    """Where fit has used up its time nothing is asked: that there is no answer is our own doing."""
    assert odd_outcome("exec") is not None
    assert odd_outcome("hold") is None
