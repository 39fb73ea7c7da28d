"""Initialisers, optimisers and iterators in the interfaces that students choose, right and wrong.

Each module is graded in a real process. What a case is named after is what it does.
"""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.kinds.initializer import statistics
from graders.kinds.initializer.statistics import Sample
from graders.kinds.iterator import checks as minibatch
from graders.kinds.iterator.checks import Pass
from graders.kinds.optimizer import updates
from graders.kinds.optimizer.explanation import mistake
from graders.kinds.optimizer.steps import Truth
from graders.messages import M
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.moved import right_moves, trial_of
from tests.one_item import FC

Grade = Callable[..., ItemResult]


@pytest.fixture
def judged(write_notebook: Callable[..., Path]) -> Grade:
    """Grades one item of a notebook of the given cells."""

    def run(item: str, *cells: str) -> ItemResult:
        path = write_notebook("import math\nimport numpy as np", *map(dedent, cells))
        options = Options(budget=Budget(cell=5, total=20), items=frozenset([item]))
        sprint = built_in_sprints()["dnn"]
        submission = read_submission(path)
        for event in grade(submission, sprint, options):
            if isinstance(event, ItemFinished) and event.result.spec.id == item:
                return event.result
        raise AssertionError("no verdict")

    return run


# -- initialisers -------------------------------------------------------------------------------

RIGHT_INITIALIZERS = {
    "simple, as in the text": ("simple_initializer", """
        class SimpleInitializer:
            def __init__(self, sigma):
                self.sigma = sigma
            def W(self, a, b):
                return self.sigma * np.random.randn(a, b)
            def B(self, b):
                return self.sigma * np.random.randn(b)
        """),
    "simple, any number of sizes, zeros as a row": ("simple_initializer", """
        class SimpleInit:
            def __init__(self, sd=0.01):
                self.sd = sd
            def W(self, *shape):
                return np.random.normal(0, self.sd, size=shape).astype("f")
            def B(self, *shape):
                return np.zeros((1,) + shape)
        """),
    "simple, both at once": ("simple_initializer", """
        class SimpleInitializer:
            def __init__(self, sigma=0.01):
                self.sigma = sigma
            def coef(self, n_in, n_out):
                return self.sigma * np.random.randn(n_in, n_out), np.zeros(n_out)
        """),
    "simple, reads the layer": ("simple_initializer", """
        class SimpleInitializer:
            def __init__(self, sigma):
                self.sigma = sigma
            def W(self, layer):
                return self.sigma * np.random.randn(layer.n_nodes1, layer.n_nodes2)
            def B(self, layer):
                return self.sigma * np.random.randn(layer.n_nodes2)
        """),
    "simple, for filters": ("simple_initializer", """
        class SimpleInitializer:
            def __init__(self, sigma):
                self.sigma = sigma
            def W(self, filter_size, in_channels, out_channels):
                return self.sigma * np.random.randn(filter_size, in_channels, out_channels)
            def B(self, out_channels):
                return self.sigma * np.random.randn(out_channels)
        """),
    "xavier, W before B, an ignored sigma": ("xavier_initializer", """
        class Xavier:
            def __init__(self, sigma):
                pass
            def W(self, n_nodes1, n_nodes2):
                self.s = 1 / math.sqrt(n_nodes1)
                return self.s * np.random.randn(n_nodes1, n_nodes2)
            def B(self, n_nodes2):
                return self.s * np.random.randn(n_nodes2)
        """),
    "xavier, fan-in to the constructor": ("xavier_initializer", """
        class XavierInitializer:
            def __init__(self, n_prev):
                self.s = n_prev ** -0.5
            def W(self, n_nodes1, n_nodes2):
                return np.random.normal(scale=self.s, size=(n_nodes1, n_nodes2))
            def B(self, n_nodes2):
                return np.zeros(n_nodes2)
        """),
    "xavier, a function": ("xavier_initializer", """
        def xavier_init(n_in, n_out):
            return np.random.randn(n_in, n_out) / np.sqrt(n_in)
        """),
    "xavier, outputs named first": ("xavier_initializer", """
        class XavierInitializer:
            def W(self, n_out, n_in):
                return np.random.randn(n_out, n_in) / np.sqrt(n_in)
            def B(self, n_out):
                return np.zeros(n_out)
        """),
    "he, by the scheme's name": ("he_initializer", """
        class Initializer:
            def __init__(self, kind, n):
                self.kind, self.n = kind, n
            def W(self, a, b):
                gain = {"Xavier": 1.0, "He": 2.0}[self.kind]
                return np.random.randn(a, b) * np.sqrt(gain / self.n)
            def B(self, b):
                return np.zeros(b)
        """),
    "he, usable only once": ("he_initializer", """
        class HeInitializer:
            def W(self, n_nodes1, n_nodes2):
                self.W = np.random.randn(n_nodes1, n_nodes2) * np.sqrt(2 / n_nodes1)
                return self.W
            def B(self, n_nodes2):
                self.B = np.zeros(n_nodes2)
                return self.B
        """),
    "he, in its own section under a name of its own": ("he_initializer", """
        class Start2:
            def W(self, n_nodes1, n_nodes2):
                return np.random.randn(n_nodes1, n_nodes2) * np.sqrt(2 / n_nodes1)
            def B(self, n_nodes2):
                return np.zeros(n_nodes2)
        """),
}  # fmt: skip

_ONE_CLASS = """
    class {name}:
        def __init__(self, sigma=0.01):
            self.sigma = sigma
        def W(self, n_nodes1, n_nodes2):
            return {weight}
        def B(self, n_nodes2):
            return {bias}
    """
WRONG_INITIALIZERS = {
    "uniform": ("SimpleInitializer", "self.sigma * np.random.rand(n_nodes1, n_nodes2)", "uniform"),
    "uniform with mean 0 and the right spread": (
        "SimpleInitializer",
        "self.sigma * np.sqrt(12) * (np.random.rand(n_nodes1, n_nodes2) - 0.5)", "not Gaussian",
    ),
    "sigma is the variance": (
        "SimpleInitializer", "np.sqrt(self.sigma) * np.random.randn(n_nodes1, n_nodes2)", "standard",
    ),
    "an extra sigma": (
        "XavierInitializer",
        "self.sigma * np.random.randn(n_nodes1, n_nodes2) / np.sqrt(n_nodes1)", "0.01 times",
    ),
    "outputs for inputs": (
        "HeInitializer", "np.random.randn(n_nodes1, n_nodes2) * np.sqrt(2 / n_nodes2)", "standard",
    ),
    "variance for deviation": (
        "HeInitializer", "np.random.randn(n_nodes1, n_nodes2) * 2 / n_nodes1", "standard",
    ),
    "one row repeated": (
        "XavierInitializer",
        "np.ones((n_nodes1, 1)) * np.random.randn(n_nodes2) / np.sqrt(n_nodes1)", "repeat",
    ),
    "transposed": (
        "XavierInitializer", "np.random.randn(n_nodes2, n_nodes1) / np.sqrt(n_nodes1)", "shape",
    ),
    "zeros": ("HeInitializer", "np.zeros((n_nodes1, n_nodes2))", "random"),
}  # fmt: skip
_ITEM = {
    "SimpleInitializer": "simple_initializer",
    "XavierInitializer": "xavier_initializer",
    "HeInitializer": "he_initializer",
}


@pytest.mark.parametrize("case", RIGHT_INITIALIZERS)
def test_right_initializer_passes(case: str, judged: Grade) -> None:
    item, source = RIGHT_INITIALIZERS[case]
    heading = "md:## Problem 6" if "own section" in case else "md:# Notes"
    assert judged(item, heading, source).status == "passed"


@pytest.mark.parametrize("case", WRONG_INITIALIZERS)
def test_wrong_initializer_fails(case: str, judged: Grade) -> None:
    name, weight, word = WRONG_INITIALIZERS[case]
    result = judged(
        _ITEM[name], _ONE_CLASS.format(name=name, weight=weight, bias="np.zeros(n_nodes2)")
    )
    assert result.status in ("failed", "partial")
    assert word in str(result.message)


def test_a_bias_that_cannot_be_drawn_fails(judged: Grade) -> None:
    source = _ONE_CLASS.format(
        name="HeInitializer",
        weight="np.random.randn(n_nodes1, n_nodes2) * np.sqrt(2 / n_nodes1)",
        bias="np.zeros(n_out)",
    )
    result = judged("he_initializer", source)
    assert result.status == "failed"  # shapes alone earn nothing
    assert "NameError" in str(result.message)


def test_an_initializer_that_raises_is_an_error_with_its_exception(judged: Grade) -> None:
    source = _ONE_CLASS.format(name="XavierInitializer", weight="undefined", bias="0")
    result = judged("xavier_initializer", source)
    assert result.status == "error"
    assert "undefined" in str(result.message)


def test_nothing_there_is_missing(judged: Grade) -> None:
    for item in ("he_initializer", "adagrad", "get_mini_batch"):
        assert judged(item, "x = 1").status == "missing"


def test_right_draws_are_never_refused() -> None:
    rng = np.random.default_rng(5)
    for number in range(150):
        std = float(10 ** rng.uniform(-3, 1))
        values = rng.standard_normal((400, 300)) * std
        if number % 2:
            values = values.astype(np.float32)
        assert statistics.gaussian(Sample(values, std), M("W")) is None


# -- optimisers ---------------------------------------------------------------------------------

FC_OWN_NAMES = """
    class Dense:
        def __init__(self, n_in, n_out, initializer, optimizer):
            self.weights = {"W": initializer.W(n_in, n_out), "b": initializer.B(n_out)}
            self.slopes = {}
            self.optimizer = optimizer
        def forward(self, X):
            self.kept = X
            return X @ self.weights["W"] + self.weights["b"]
        def backward(self, dA):
            self.slopes["W"] = self.kept.T @ dA
            self.slopes["b"] = dA.sum(0)
            dZ = dA @ self.weights["W"].T
            self.optimizer.step(self.weights, self.slopes)
            return dZ
    """
FC_ONE_BY_ONE = """
    class FC:
        def __init__(self, n_in, n_out, initializer, optimizer):
            self.w, self.b = initializer.W(n_in, n_out), initializer.B(n_out)
            self.opt_w, self.opt_b = optimizer(0.05), optimizer(0.05)
        def forward(self, X):
            self.X = X
            return X @ self.w + self.b
        def backward(self, dA):
            dZ = dA @ self.w.T
            self.w = self.opt_w.update(self.X.T @ dA, self.w)
            self.b = self.opt_b.update(dA.sum(axis=0), self.b)
            return dZ
    """
FC_BROKEN = """
    class FC:
        def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
            self.optimizer = optimizer
            self.W = initializer.W(n_nodes1, n_nodes2)
            self.B = initializer.B(n_nodes2)
        def forward(self, X):
            return X @ self.W + self.B
        def backward(self, dA):
            self.dA = dA
            dZ = dA @ self.W.T
            self.LW = self.X.T @ dA
            self.LB = dA.sum(axis=0)
            self.optimizer.update(self)
            return dZ
    """
_ADAGRAD = """
    class AdaGrad:
        def __init__(self, lr):
            self.lr, self.HW, self.HB = lr, {start}, {start}
        def update(self, layer):
            self.HW = self.HW + {squared_w}
            self.HB = self.HB + {squared_b}
            layer.W = layer.W - self.lr * {gw} / {root_w}
            layer.B = layer.B - self.lr * {gb} / {root_b}
            return layer
    """


def ada(**changes: str) -> str:
    """AdaGrad with parts exchanged."""
    parts = {
        "start": "0", "squared_w": "layer.dW ** 2", "squared_b": "layer.dB ** 2",
        "gw": "layer.dW", "gb": "layer.dB", "root_w": "np.sqrt(self.HW + 1e-7)",
        "root_b": "np.sqrt(self.HB + 1e-7)",
    }  # fmt: skip
    return _ADAGRAD.format(**(parts | changes))


def sgd(*lines: str, parameters: str = "layer") -> str:
    """SGD whose update has these lines."""
    body = "\n".join(f"            {line}" for line in lines)
    return f"""
    class SGD:
        def __init__(self, lr):
            self.lr = lr
        def update(self, {parameters}):
{body}
    """


RIGHT_OPTIMIZERS = {
    "in place, summed": ("sgd", FC, sgd(
        "layer.W -= self.lr * layer.dW", "layer.B -= self.lr * layer.dB")),
    "anew, mean over the batch": ("sgd", FC, sgd(
        "n = len(layer.X)", "layer.W = layer.W - self.lr * layer.dW / n",
        "layer.B = layer.B - self.lr * layer.dB / n", "return layer")),
    "dicts of an own layer": ("sgd", FC_OWN_NAMES, """
        class SGD:
            def __init__(self, learning_rate=0.01):
                self.learning_rate = learning_rate
            def step(self, weights, slopes):
                for k in weights:
                    weights[k] -= self.learning_rate * slopes[k]
        """),
    "no layer at all, dicts": ("sgd", "", """
        class SGD:
            def __init__(self, lr):
                self.lr = lr
            def update(self, params, grads):
                for key in params.keys():
                    params[key] -= self.lr * grads[key]
        """),
    "no layer at all, four arrays": ("sgd", "", """
        class SGD:
            def __init__(self, lr):
                self.lr = lr
            def update(self, W, dW, B, dB):
                return W - self.lr * dW, B - self.lr * dB
        """),
    "the class is passed, result assigned": ("adagrad", FC_ONE_BY_ONE, """
        class AdaGrad:
            def __init__(self, lr):
                self.lr, self.h = lr, 0
            def update(self, grad, param):
                self.h = self.h + grad * grad
                return param - self.lr * grad / (np.sqrt(self.h) + 1e-7)
        """),
    "the layer's backward is broken": ("sgd", FC_BROKEN, sgd(
        "layer.W -= self.lr * layer.LW", "layer.B -= self.lr * layer.LB")),
    "the layer's backward is broken, gradients made here": ("sgd", FC_BROKEN, sgd(
        "layer.W[...] = layer.W - self.lr * layer.X.T @ layer.dA / len(layer.dA)",
        "layer.B[...] = layer.B - self.lr * layer.dA.mean(axis=0)")),
    "it makes the gradients and returns dX": ("sgd", """
        class FC:
            def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
                self.optimizer = optimizer
                self.W = initializer.W(n_nodes1, n_nodes2)
                self.B = initializer.B(n_nodes2)
            def forward(self, X):
                self.X = X
                return X @ self.W + self.B
            def backward(self, dA):
                return self.optimizer.update(self, dA)
        """, """
        class SGD:
            def __init__(self, lr):
                self.lr = lr
            def update(self, layer, dA):
                dX = dA @ layer.W.T
                layer.W -= self.lr * layer.X.T @ dA
                layer.B -= self.lr * dA.sum(axis=0)
                return dX
        """),
    "it is called outside the layer": ("sgd", FC.replace("self.optimizer.update(self)", "pass"), sgd(
        "layer.W -= self.lr * layer.dW", "layer.B -= self.lr * layer.dB")),
    "a function": ("sgd", "", """
        def sgd(params, grads, lr=0.01):
            for key in params:
                params[key] -= lr * grads[key]
        """),
    "adagrad, state by the layer's id": ("adagrad", FC, """
        class AdaGrad:
            def __init__(self, lr):
                self.lr, self.h = lr, {}
            def update(self, layer):
                hw, hb = self.h.setdefault(id(layer), (np.zeros_like(layer.W), np.zeros_like(layer.B)))
                hw += layer.dW ** 2
                hb += layer.dB ** 2
                layer.W -= self.lr * layer.dW / np.sqrt(hw + 1e-8)
                layer.B -= self.lr * layer.dB / np.sqrt(hb + 1e-8)
        """),
    "adagrad": ("adagrad", FC, ada()),
    "adagrad, constant outside the root": ("adagrad", FC, ada(
        root_w="(np.sqrt(self.HW) + 1e-7)", root_b="(np.sqrt(self.HB) + 1e-7)")),
    "adagrad, mean in both places": ("adagrad", FC, ada(
        squared_w="(layer.dW / len(layer.X)) ** 2", gw="layer.dW / len(layer.X)",
        squared_b="(layer.dB / len(layer.X)) ** 2", gb="layer.dB / len(layer.X)")),
    "adagrad, H kept on the layer": ("adagrad", FC.replace(
        "self.optimizer = optimizer", "self.optimizer = optimizer; self.HW = 0.0; self.HB = 0.0"), """
        class AdaGrad:
            def __init__(self, lr):
                self.lr = lr
            def update(self, layer):
                layer.HW = layer.HW + layer.dW ** 2
                layer.HB = layer.HB + layer.dB ** 2
                layer.W -= self.lr * layer.dW / np.sqrt(layer.HW)
                layer.B -= self.lr * layer.dB / np.sqrt(layer.HB)
        """),
    "adagrad, needs the shape": ("adagrad", FC, """
        class AdaGrad:
            def __init__(self, lr=0.01, shape=None):
                self.lr = lr
                self.HW = np.zeros(shape) + 1e-8
                self.HB = np.zeros(shape[1]) + 1e-8
            def update(self, layer):
                self.HW += layer.dW ** 2
                self.HB += layer.dB ** 2
                layer.W -= self.lr * layer.dW / self.HW ** 0.5
                layer.B -= self.lr * layer.dB / self.HB ** 0.5
        """),
    "adagrad, by the rule's name": ("adagrad", FC, """
        class Learner:
            def __init__(self, rule, lr):
                self.rule, self.lr, self.h = rule, lr, {}
            def update(self, layer):
                for name in ("W", "B"):
                    value, slope = getattr(layer, name), getattr(layer, "d" + name)
                    if self.rule == "AdaGrad":
                        self.h[name] = self.h.get(name, 0) + slope ** 2
                        slope = slope / np.sqrt(self.h[name])
                    value -= self.lr * slope
        """),
}  # fmt: skip

WRONG_OPTIMIZERS = {
    "upwards": ("sgd", sgd("layer.W += self.lr * layer.dW", "layer.B += self.lr * layer.dB"), "up the gradient"),
    "without the bias": ("sgd", sgd("layer.W -= self.lr * layer.dW"), "does not change"),
    "without the rate": ("sgd", sgd("layer.W -= layer.dW", "layer.B -= layer.dB"), "rate is left out"),
    "mean taken twice": ("sgd", sgd(
        "n = len(layer.X) ** 2", "layer.W -= self.lr * layer.dW / n",
        "layer.B -= self.lr * layer.dB / n"), "twice"),
    "updates a copy": ("sgd", sgd(
        "W = layer.W - self.lr * layer.dW", "B = layer.B - self.lr * layer.dB"), "does not change"),
    "raises": ("sgd", sgd("layer.W -= self.lr * layer.gradient_of_W"), "AttributeError"),
    "H from 1": ("adagrad", ada(start="1"), "starts at 1"),
    "H is one number": ("adagrad", ada(
        squared_w="np.mean(layer.dW ** 2)", squared_b="np.mean(layer.dB ** 2)"), "one number"),
    "an extra 1/N": ("adagrad", ada(
        gw="layer.dW / len(layer.X)", gb="layer.dB / len(layer.X)"), "divided by the batch size"),
    "mean in H only": ("adagrad", ada(
        squared_w="(layer.dW / len(layer.X)) ** 2", squared_b="(layer.dB / len(layer.X)) ** 2"),
        "mean gradient"),
    "plain bias": ("adagrad", ada(root_b="1"), "plain SGD"),
    "H overwritten": ("adagrad", ada(
        squared_w="layer.dW ** 2 - self.HW", squared_b="layer.dB ** 2 - self.HB"), "overwritten"),
    "no root": ("adagrad", ada(root_w="self.HW", root_b="self.HB"), "root"),
    "large constant": ("adagrad", ada(
        root_w="np.sqrt(self.HW + 0.01)", root_b="np.sqrt(self.HB + 0.01)"), "step 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT_OPTIMIZERS)
def test_right_optimizer_passes(case: str, judged: Grade) -> None:
    item, layer, source = RIGHT_OPTIMIZERS[case]
    result = judged(item, layer, source)
    assert result.status == "passed", str(result.message)


@pytest.mark.parametrize("case", WRONG_OPTIMIZERS)
def test_wrong_optimizer_fails(case: str, judged: Grade) -> None:
    item, source, word = WRONG_OPTIMIZERS[case]
    result = judged(item, FC, source)
    assert result.status in ("failed", "error")
    assert word in str(result.message)


def test_state_that_no_layer_makes_is_an_error(judged: Grade) -> None:
    source = ada().replace("self.HW", "layer.HW").replace("self.HB", "layer.HB")
    source = source.replace("self.lr, layer.HW, layer.HB = lr, 0, 0", "self.lr = lr")
    result = judged("adagrad", FC, source)
    assert result.status == "error"
    assert "HW" in str(result.message)


def test_only_a_known_mistake_is_named() -> None:
    rng = np.random.default_rng(2)
    truth = Truth(tuple(rng.standard_normal((3, 2)) for _ in range(4)), (4, 4, 4, 3))
    for spec in map(built_in_sprints()["dnn"].item, ("sgd", "adagrad")):
        moves = right_moves(spec, truth, 0.5, "mean")
        right = trial_of(spec, truth, 0.5, moves)
        assert updates.explanation(spec, right).scales == {"W": "mean"}
        odd = trial_of(spec, truth, 0.5, [m + 0.3 for m in moves])
        assert not updates.explanation(spec, odd).scales
        assert mistake(spec, odd, "W") is None


# -- iterators ----------------------------------------------------------------------------------

_BATCHES = """
    class GetMiniBatch:
        def __init__(self, X, y, batch_size=10, seed=0):
            self.batch_size = batch_size
            np.random.seed(seed)
            order = np.random.permutation(len(X))
            self.X, self.y = X[order], y[{order}]
            self.n = {count}
        def __len__(self):
            return self.n
        def __getitem__(self, i):
            at = i * self.batch_size
            return self.X[at:at + self.batch_size], self.y[at:at + self.batch_size]
        def __iter__(self):
            {reset}
            return self
        def __next__(self):
            if self.i >= self.n:
                raise StopIteration
            batch = self[self.i]
            self.i += 1
            return batch
    """
_ALL = {
    "order": "order",
    "count": "np.ceil(len(X) / batch_size).astype(np.int)",
    "reset": "self.i = 0",
}
RIGHT_ITERATORS = {
    "as in the text": _BATCHES.format(**_ALL),
    "a generator": """
        def get_mini_batch(x, t, size=20, seed=None):
            order = np.random.RandomState(seed).permutation(len(x))
            for at in range(0, len(x), size):
                chosen = order[at:at + size]
                yield x[chosen], t[chosen]
        """,
    "yields from __iter__": """
        class MiniBatch:
            def __init__(self, images, labels, batch_size):
                self.data = images, labels
                self.batch_size = batch_size
            def __iter__(self):
                order = np.random.permutation(len(self.data[0]))
                for part in np.array_split(order, range(self.batch_size, len(order), self.batch_size)):
                    yield [a[part] for a in self.data]
        """,
    "by index only": """
        class GetMiniBatch:
            def __init__(self, X, y, batch_size=10, seed=0):
                order = np.random.default_rng(seed).permutation(len(X))
                self.parts = [order[i:i + batch_size] for i in range(0, len(X), batch_size)]
                self.X, self.y = X, y
            def __len__(self):
                return len(self.parts)
            def __getitem__(self, i):
                return self.X[self.parts[i]], self.y[self.parts[i]]
        """,
}  # fmt: skip
WRONG_ITERATORS = {
    "answers stay where they were": (_BATCHES.format(**(_ALL | {"order": ":"})), "together"),
    "last batch lost": (_BATCHES.format(**(_ALL | {"count": "len(X) // batch_size"})), "left out"),
    "one batch too many": (
        _BATCHES.format(**(_ALL | {"count": "len(X) // batch_size + 1"})), "sizes",
    ),
    "drawn with replacement": (
        _BATCHES.format(**_ALL).replace(
            "np.random.permutation(len(X))", "np.random.randint(0, len(X), len(X))"
        ), "more than once",
    ),
    "only one pass": (
        _BATCHES.format(**(_ALL | {"reset": "self.i = getattr(self, 'i', 0)"})), "second pass",
    ),
    "never ends": (
        _BATCHES.format(**_ALL).replace("raise StopIteration", "self.i = 0"), "more than once",
    ),
    "seed without effect": (
        _BATCHES.format(**_ALL).replace("np.random.seed(seed)", "pass"), "same seed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT_ITERATORS)
def test_right_iterator_passes(case: str, judged: Grade) -> None:
    result = judged("get_mini_batch", RIGHT_ITERATORS[case])
    assert result.status == "passed", str(result.message)


@pytest.mark.parametrize("case", WRONG_ITERATORS)
def test_wrong_iterator_fails(case: str, judged: Grade) -> None:
    source, word = WRONG_ITERATORS[case]
    result = judged("get_mini_batch", source)
    assert result.status in ("failed", "partial")
    assert word in str(result.message)


def test_a_pass_is_judged_on_its_own() -> None:
    data = minibatch.make_data(np.random.default_rng(0), 7, 3, 2)
    parts = [slice(0, 3), slice(3, 6), slice(6, 7)]
    one = Pass(data, [(data.x[p], data.y[p]) for p in parts], length=3)
    assert minibatch.coverage(one) is None
    assert minibatch.batch_sizes(one) is None
    assert not minibatch.shuffled(one)
    one.length = 2
    assert "len" in str(minibatch.batch_sizes(one))
