"""The learning rate is one number at one place: what was handed over, else what is kept."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders.binding.plans import LR
from graders.binding.rates import hands_over, kept, told
from graders.sandbox.session import Found
from tests.one_item import FC, judged, said

Write = Callable[..., Path]

SGD = """
    class SGD:
        def __init__(self{parameter}):
            {kept}
        def update(self, layer{handed}):
            layer.W -= {rate} * layer.dW
            layer.B -= {rate} * layer.dB
    """


def sgd(parameter: str, kept: str, rate: str, handed: str = "") -> str:
    return SGD.format(parameter=parameter, kept=kept, rate=rate, handed=handed)


RIGHT = {
    "as in the text": sgd(", lr", "self.lr = lr", "self.lr"),
    "with a default": sgd(", lr=0.01", "self.lr = lr", "self.lr"),
    "handed to update": sgd("", "pass", "lr", ", lr"),
    "written into the class": sgd("", "self.lr = 0.05", "self.lr"),
    "beside another number": sgd(", lr", "self.lr, self.alpha = lr, 0.9", "self.lr"),
}
WRONG = {
    "seven times too fast": sgd(", lr", "self.lr, self.learning_rate = lr, 7 * lr", "7 * self.lr"),
    "a rate of its own": sgd(", lr", "self.lr = 0.3", "self.lr"),
    "two that contradict": sgd("", "self.lr, self.rate = 0.05, 0.35", "7 * self.lr"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_step_by_the_rate_is_right(case: str, write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "sgd", FC, RIGHT[case])
    assert result.status == "passed", said(result)


@pytest.mark.parametrize("case", WRONG)
def test_a_step_by_another_number_is_wrong(case: str, write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "sgd", FC, WRONG[case])
    assert result.status == "failed"
    if case == "two that contradict":
        assert "lr = 0.05, rate = 0.35" in said(result)


@pytest.mark.parametrize(("more", "status"), [("", "passed"), ("9 * ", "failed")])
def test_h_is_not_excused_by_a_second_rate(more: str, status: str, write_notebook: Write) -> None:
    source = f"""
        class AdaGrad:
            def __init__(self, lr):
                self.lr, self.HW, self.HB, self.eta = lr, 0, 0, lr / 3
            def update(self, layer):
                self.HW = self.HW + {more}layer.dW ** 2
                self.HB = self.HB + {more}layer.dB ** 2
                layer.W -= self.lr * layer.dW / (np.sqrt(self.HW) + 1e-7)
                layer.B -= self.lr * layer.dB / (np.sqrt(self.HB) + 1e-7)
        """
    assert judged(write_notebook, "dnn", "adagrad", FC, source).status == status


def test_a_gradient_is_not_read_from_a_change_by_a_second_rate(write_notebook: Write) -> None:
    """The layer updates itself; its own gradient is nowhere to be seen."""
    source = """
        class FC:
            def __init__(self, n_nodes1, n_nodes2, initializer, lr):
                self.lr, self.learning_rate = lr, {factor} * lr
                self.W = initializer.W(n_nodes1, n_nodes2)
                self.B = initializer.B(n_nodes2)
            def forward(self, X):
                self.X = X
                return X @ self.W + self.B
            def backward(self, dA):
                dZ = dA @ self.W.T
                self.W = self.W - self.learning_rate * (self.X.T @ dA)
                self.B = self.B - self.learning_rate * dA.sum(axis=0)
                return dZ
        """
    right = judged(write_notebook, "dnn", "fc", source.replace("{factor}", "1"))
    assert right.status == "passed", said(right)
    wrong = judged(write_notebook, "dnn", "fc", source.replace("{factor}", "7"))
    assert wrong.status == "partial"


def test_what_is_kept_counts_where_nothing_was_handed_over() -> None:
    def scalar(name: str, value: float) -> Found:
        return Found(("opt", name), np.asarray(value), "scalar")

    assert kept([scalar("lr", 0.5), scalar("momentum", 0.9)]).rate == 0.5
    assert kept([scalar("lr", 0.5), scalar("learning_rate", 0.5)]).rate == 0.5
    assert kept([scalar("lr", 0.5), scalar("eta", 0.1)]).contradicting == ("lr = 0.5", "eta = 0.1")
    step = {"do": "make", "args": [{"tuple": [{"v": 3}, {"v": LR}]}]}
    assert hands_over([step])
    assert not hands_over([{"do": "make", "args": [{"v": 3}, {"expr": "0.125"}]}])
    assert told([step], [scalar("lr", 0.5)]).rate == LR
