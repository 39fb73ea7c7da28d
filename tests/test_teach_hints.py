"""What the level ``hint`` says of a wrong facet: which array, which call, and no value that is expected."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders.checks import model
from graders.diagnosis.belonging import names_for
from graders.diagnosis.lessons import convolution
from graders.judging.results import ItemResult
from graders.messages import M
from graders.misconceptions import Diagnosis, Name
from graders.report.feedback import told
from tests.one_item import dense, judged

Write = Callable[..., Path]
ONE_SUM = "self.dW = getattr(self, 'dW', 0) + self.X.T @ dA"
WARM = "self.optimizer = optimizer"


def hints(result: ItemResult) -> dict[str, str]:
    return {c.facet: str(told(c, "hint")) for c in result.checks if c.status == model.FAILED}


def test_a_wrong_repetition_is_told_as_what_it_is(write_notebook: Write) -> None:
    grows = dense().replace("self.dW = self.X.T @ dA", ONE_SUM)
    said = hints(judged(write_notebook, "dnn", "fc", grows))
    assert set(said) == {"dW", "repeat"}
    assert said["dW"].startswith("Right on the first call, but not after a call with other data")
    assert "(dW) after a second, equal call is wrong at index" in said["repeat"]
    assert "expected" not in " ".join(said.values())


def test_what_is_missing_is_told_at_every_level(write_notebook: Write) -> None:
    forward_only = dense()[: dense().index("    def backward")]
    said = hints(judged(write_notebook, "dnn", "fc", forward_only))
    assert said["dX"] == "FC has no method that computes gradients (backward)."


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (np.array([[1.0, 5.0]]), "The output is wrong at index (0, 1)."),
        (np.array([1.0, 5.0]), "The output has another shape than it should."),
    ],
)
def test_the_array_is_named_and_no_value(actual: np.ndarray, said: str) -> None:
    check = model.compare("forward", "forward", M("The output"), actual, np.array([[1.0, 2.0]]))
    assert str(told(check, "hint")) == said
    assert str(told(check, "score")) == ""


# -- gradients that a backward which raises has not finished --------------------------------------

LOOP = """
        self.dW = np.zeros(self.W.shape)
        for i in range(self.W.shape[0]{more}):
            self.dW[i] = self.X[:, i] @ dA
"""


def test_a_gradient_that_is_half_made_is_told_by_what_stopped_it(write_notebook: Write) -> None:
    """The loop goes down from an index that is not there: what is 0 was not reached."""
    down = LOOP.format(more="").replace("range(self.W.shape[0])", "[0, self.W.shape[0], 1]")
    source = dense().replace("        self.dW = self.X.T @ dA\n", down)
    result = judged(write_notebook, "dnn", "fc", source)
    (check,) = [c for c in result.checks if c.facet == "dW"]
    assert check.status == model.ERROR, check.message
    assert "IndexError" in str(check.message)


def test_a_gradient_that_is_finished_and_wrong_is_told_by_its_values(write_notebook: Write) -> None:
    """Twin: what raises comes after it."""
    source = dense(dW="self.X.T @ dA * 2").replace(
        "dA.sum(axis=0)", "dA.sum(axis=0)[len(self.B) + 1]"
    )
    result = judged(write_notebook, "dnn", "fc", source)
    (check,) = [c for c in result.checks if c.facet == "dW"]
    assert check.status == model.FAILED
    assert "is wrong at index" in str(check.message)


# -- names that presume an array ------------------------------------------------------------------


def test_an_array_that_was_not_found_does_not_add_up() -> None:
    """The name comes from other calls of the facet; a check that has wrong numbers keeps it."""
    name = Name("accumulates", convolution.ACCUMULATES)
    diagnoses = [Diagnosis("dB", (name,))]
    absent = model.told_plainly("dB", "dB", M("dB was not found."))
    numbers = model.compare("dB", "dB", M("dB"), np.ones(2), np.zeros(2))
    assert names_for(absent, diagnoses) == ()
    assert names_for(numbers, diagnoses) == (name,)
