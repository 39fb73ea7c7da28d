"""A wrong forward's right derivative earns its facet, if the forward is a layer of that kind at all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders.kinds.layer.gradients import LIMIT, off
from tests.one_item import dense, facets, judged, said

Write = Callable[..., Path]

WHOLE = {  # one number for all: easy to differentiate, and no layer
    "forward": "np.full((len(X), len(self.B)), X.sum() * self.W.sum() + self.B.sum())",
    "dW": "np.full(self.W.shape, dA.sum() * self.X.sum())",
    "dB": "np.full(self.B.shape, dA.sum())",
    "dX": "np.full(self.X.shape, dA.sum() * self.W.sum())",
}
DOUBLED = {  # a slip: the layer twice
    "forward": "2 * X @ self.W + self.B",
    "dW": "2 * self.X.T @ dA",
    "dB": "dA.sum(axis=0)",
    "dX": "2 * dA @ self.W.T",
}
ROWS = {  # what the samples of a batch share is no dense layer's output
    "forward": "(X - X.mean(axis=0)) @ self.W + self.B",
    "dW": "(self.X - self.X.mean(axis=0)).T @ dA",
    "dB": "dA.sum(axis=0)",
    "dX": "(lambda g: g - g.mean(axis=0))(dA @ self.W.T)",
}


def test_a_slip_keeps_the_gradients(write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "fc", dense(**DOUBLED))
    assert {"dX", "dW", "dB"} <= facets(result), said(result)


@pytest.mark.parametrize(("source", "lost"), [(WHOLE, {"dX", "dW", "dB"}), (ROWS, {"dX"})])
def test_what_depends_on_more_than_the_layer_earns_no_gradients(
    write_notebook: Write, source: dict[str, str], lost: set[str]
) -> None:
    result = judged(write_notebook, "dnn", "fc", dense(**source))
    assert not facets(result) & {"forward", *lost}, said(result)


POOL = """
    class {name}:
        def __init__(self, size):
            self.s = size
        def forward(self, X):
            s = self.s
            N, C, H, W = X.shape
            Y, Z = H // s, W // s
            self.shape = X.shape
            v = X[:, :, :Y * s, :Z * s].reshape(N, C, Y, s, Z, s)
            self.m = v == v.min(axis=(3, 5), keepdims=True)
            return v.min(axis=(3, 5))
        def backward(self, dA):
            s = self.s
            Y, Z = dA.shape[2:]
            out = np.zeros(self.shape)
            out[:, :, :Y * s, :Z * s] = (self.m * dA[:, :, :, None, :, None]).reshape(
                *self.shape[:2], Y * s, Z * s)
            return out
    """


def test_a_maximum_depends_on_all_of_its_window(write_notebook: Write) -> None:
    result = judged(write_notebook, "cnn2", "max_pool2d", POOL.format(name="MaxPool2D"))
    assert "forward" not in facets(result)
    assert "(dX) is the derivative of this layer's own forward" in said(result)


@pytest.mark.parametrize("seed", range(20))
def test_a_slope_that_is_almost_level_is_no_wrong_gradient(seed: int) -> None:
    """Along a direction almost at right angles to a gradient little is left of the slope, and all of the error."""
    rng = np.random.default_rng(seed)
    gradient = rng.normal(size=(6, 7))
    direction = rng.uniform(0.5, 1.5, (6, 7)) * rng.choice([-1.0, 1.0], (6, 7))
    along = np.sum(direction * gradient) / np.sum(gradient**2)
    direction -= (along - 1e-4) * gradient
    numeric = float(np.sum(direction * gradient)) + 1e-8  # as central differences err
    assert off(gradient, direction, numeric) <= LIMIT
    for wrong in (1.001 * gradient, gradient.T.reshape(6, 7), gradient + 1e-4):
        free = rng.uniform(0.5, 1.5, (6, 7)) * rng.choice([-1.0, 1.0], (6, 7))
        assert off(wrong, free, float(np.sum(free * gradient))) > LIMIT
