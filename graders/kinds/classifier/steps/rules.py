"""By which rule of an optimiser a weight is moved: the reference's own, or with a known mistake."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graders.diagnosis import Misconception, misconceptions_for
from graders.kinds.classifier.steps.nodes import Array
from graders.specs.tasks.optimizer import Arrays, defaults_of
from reference import SGD, AdaGrad, AdaGradUnderRoot, Optimizer

EPSILONS = (1e-7, 1e-8, 0.0, 1e-6, 1e-10, 1e-5, 1e-4, 1e-3, 1e-9, 1e-12)
_ITEMS = ("sgd", "adagrad")  # whose mistakes are known


@dataclass(frozen=True)
class Rule:
    """An optimiser with its numbers. `mean`: the gradient of the summed loss is divided by the number
    of samples first. `slip`: the mistake that the optimiser makes. A rate of 0 moves nothing.
    """

    optimizer: type[Optimizer]
    rate: float = 1.0
    eps: float = 0.0
    mean: bool = False
    slip: Misconception | None = None

    def told(self) -> str:
        """For the log."""
        eps = f" eps {self.eps:g}" if "eps" in defaults_of(self.optimizer) else ""
        of = "mean" if self.mean else "sum"
        return f"{self.optimizer.__name__}{eps}, rate {self.rate:.6g}, {of}"


class Moving:
    """One weight that is moved by a rule, step by step, with what the optimiser keeps of it."""

    def __init__(self, rule: Rule, shape: tuple[int, ...]) -> None:
        self._rule, self._layer = rule, Arrays({"W": np.zeros(shape)})
        takes = {"eps": rule.eps} if "eps" in defaults_of(rule.optimizer) else {}
        self._optimizer = rule.optimizer(rule.rate, **takes) if rule.rate else None

    def step(self, gradient: Array, n: int) -> Array:
        """What a step of `n` samples subtracts; `gradient`: of the summed loss."""
        W = self._layer.params["W"]
        W[...] = 0.0
        if self._optimizer is not None:
            self._layer.grads = {"W": gradient / n if self._rule.mean else gradient}
            self._layer._x = np.zeros((n, 1))
            with np.errstate(all="ignore"):
                self._optimizer.update(self._layer)  # type: ignore[arg-type]
        return -W


def right_rules(whole: int) -> Iterator[Rule]:
    """The reference's rules by a rate of 1, the plainest first; `whole`: samples of a whole mini-batch."""
    yield from (Rule(SGD), Rule(SGD, mean=True))
    for optimizer in (AdaGrad, AdaGradUnderRoot):
        yield from _with_constants(optimizer, whole)


def wrong_rules(whole: int) -> Iterator[Rule]:
    """The same with each mistake that shows in one weight alone."""
    for optimizer, slip in _slips():
        if issubclass(optimizer, AdaGrad):
            yield from _with_constants(optimizer, whole, slip)
        else:
            yield from (Rule(optimizer, slip=slip), Rule(optimizer, mean=True, slip=slip))


def _with_constants(
    optimizer: type[Optimizer], whole: int, slip: Misconception | None = None
) -> Iterator[Rule]:
    """With each small constant. A gradient that is divided by the size of a whole mini-batch, whatever
    the number of samples, is as if the constant were that much larger.
    """
    larger = whole**2 if issubclass(optimizer, AdaGradUnderRoot) else whole
    for eps in dict.fromkeys(e * scale for e in EPSILONS for scale in (1, larger)):
        yield from (Rule(optimizer, 1.0, eps, mean, slip) for mean in (False, True))


@functools.cache
def _slips() -> tuple[tuple[type[Optimizer], Misconception], ...]:
    """The known mistakes that move one weight without another; AdaGrad's with its constant in both places."""
    found: list[tuple[type[Optimizer], Misconception]] = []
    for slip in (m for item in _ITEMS for m in misconceptions_for(item)):
        variant = slip.variant
        if not (isinstance(variant, type) and issubclass(variant, Optimizer)):
            continue
        try:
            Moving(Rule(variant), (1,)).step(np.ones(1), 1)
        except KeyError:
            continue  # it is about the bias beside the weight
        found.append((variant, slip))
        if issubclass(variant, AdaGrad):
            found.append((type(variant.__name__, (variant, AdaGradUnderRoot), {}), slip))
    return tuple(found)
