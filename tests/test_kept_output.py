"""Layers that return nothing: what they keep is their output, unless somebody goes on with nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.one_item import facets, judged, said

Write = Callable[..., Path]

RELU = """
    class ReLU:
        def forward(self, inputs):
            self.inputs = inputs
            self.output = np.maximum(0, inputs)
        def backward(self, dvalues):
            {check}
            self.dinputs = dvalues * (self.inputs > 0)
            {end}
    """


LOSS = """
class Loss:
    def forward(self, output, y):
        return output - y
    def calculate(self, output, y):
        return self.forward(output, y)
"""


def relu(check: str = "pass", end: str = "pass") -> str:
    return RELU.format(check=check, end=end)


@pytest.mark.parametrize(
    ("end", "rest", "right"),
    [
        ("pass", "pass", True),
        ("pass", "layer = ReLU()\nlayer.forward(np.ones((2, 3)))\nprint(layer.output)", True),
        ("pass", "A = ReLU().forward(np.ones((2, 3)))", False),  # it goes on with None
        ("pass", "print(ReLU().forward(np.ones((2, 3))))", False),
        ("return self.dinputs", "pass", False),  # a return that was forgotten
        # another class has a forward that returns something, and that is what is gone on with
        ("pass", LOSS + "loss = Loss()\nprint(loss.forward(1.0, 2.0))", True),
        ("pass", LOSS + "loss = ReLU()\nprint(loss.forward(np.ones((2, 3))))", False),
        ("pass", LOSS + "for layer in [ReLU(), Loss()]:\n    print(layer.forward(1.0))", False),
    ],
)
def test_an_output_is_kept_where_nothing_is_returned(
    write_notebook: Write, end: str, rest: str, right: bool
) -> None:
    result = judged(write_notebook, "dnn", "relu", relu(end=end), rest)
    assert (result.status == "passed") is right, said(result)
    assert "dX" in facets(result) or not right


def test_a_backward_that_raises_is_told_as_such(write_notebook: Write) -> None:
    source = relu("assert len(dvalues) > 1_000, 'too few'")
    result = judged(write_notebook, "dnn", "relu", source)
    assert "forward" in facets(result)
    assert "too few" in said(result)


FPROP = """
    class AffineLayer:
        def __init__(self, input_dim, output_dim):
            self.weights = np.random.randn(output_dim, input_dim)
            self.biases = np.zeros(output_dim)
        def fprop(self, inputs):
            return inputs @ self.weights.T + self.biases
        def bprop(self, inputs, outputs, grads_wrt_outputs):
            {bprop}
        def grads_wrt_params(self, inputs, grads_wrt_outputs):
            {gradients}
            return [grads_wrt_outputs.T @ inputs, grads_wrt_outputs.sum(axis=0)]
    """
BY_DIFFERENCES = """dX = np.zeros(inputs.shape)
            for i in np.ndindex(*inputs.shape):
                step = np.zeros(inputs.shape)
                step[i] = 1e-6
                up, down = self.fprop(inputs + step), self.fprop(inputs - step)
                dX[i] = np.sum((up - down) / 2e-6 * grads_wrt_outputs)
            return dX"""


@pytest.mark.parametrize("right", [True, False])
def test_differences_are_counted_beside_a_method_for_the_parameters(
    write_notebook: Write, right: bool
) -> None:
    bprop = "return grads_wrt_outputs @ self.weights" if right else BY_DIFFERENCES
    source = FPROP.format(bprop=bprop, gradients="pass")
    result = judged(write_notebook, "dnn", "fc", source)
    if right:
        assert result.status == "passed", said(result)
    else:
        assert not facets(result) & {"dX", "dW", "dB"}, said(result)
        assert "by differences" in str(result.message) + said(result)


def test_a_method_for_the_parameters_that_raises_earns_nothing(write_notebook: Write) -> None:
    source = FPROP.format(
        bprop="return grads_wrt_outputs @ self.weights", gradients="raise ValueError('not yet')"
    )
    result = judged(write_notebook, "dnn", "fc", source)
    assert not facets(result) & {"dW", "dB"}
    assert "not yet" in said(result)
