"""A network of the reference's layers in a student's layout, which makes the student's steps."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from graders.steps.nodes import Array, Convolved, Node, Weighted
from reference import softmax

N_CLASSES = 10
Place = tuple[int, str]  # a layer by its number among those of the network, and its weight's name


class Squares(Enum):
    """What an optimiser divides by the root of."""

    NONE = "SGD"
    SUMMED = "AdaGrad"
    LATEST = "AdaGrad, of this step's gradient alone"
    ONE_SUM = "AdaGrad, summed over all of the weight"
    ONE_MEAN = "AdaGrad, averaged over all of the weight"


@dataclass(frozen=True)
class Rule:
    """How one weight is moved by the gradient g of the summed cross-entropy.

    Plain descent: W -= rate·g. With `squares`: H += g², W -= rate·g / √(H + eps), H from `start`
    on, the eps behind the root where `outside` (Duchi, Hazan & Singer 2011). `mean`: g is divided
    by the number of samples before that, `shared`: the step is.
    """

    rate: float = 1.0
    mean: bool = False
    shared: bool = False
    squares: Squares = Squares.NONE
    eps: float = 0.0
    outside: bool = False
    start: float = 0.0

    def told(self) -> str:
        """For the log."""
        eps = f" eps {self.eps:g}" if self.squares is not Squares.NONE else ""
        of = "mean" if self.mean else "sum"
        return f"{self.squares.value}{eps}, rate {self.rate:.6g}, {of}{', step / n' if self.shared else ''}"

    def step(self, g: Array, n: int, state: Array | None) -> tuple[Array, Array | None]:
        """What is subtracted from the weight, and the squares that have added up."""
        g = g / n if self.mean else g
        rate = self.rate / n if self.shared else self.rate
        if self.squares is Squares.NONE:
            return rate * g, None
        square = self._square(g)
        if self.squares is not Squares.LATEST:
            square = square + (self.start if state is None else state)
        root = np.sqrt(square) + self.eps if self.outside else np.sqrt(square + self.eps)
        with np.errstate(all="ignore"):
            return rate * np.where(root > 0, g / root, 0.0), square

    def _square(self, g: Array) -> Array:
        if self.squares is Squares.ONE_SUM:
            return np.asarray(np.sum(g * g))
        if self.squares is Squares.ONE_MEAN:
            return np.asarray(np.mean(g * g))
        return np.asarray(g * g)


@dataclass
class Replica:
    """Nodes in their order, each with the number of the student's layer that it stands for."""

    nodes: list[Node]
    places: list[int | None]  # of the layer; None for what only moves numbers

    @property
    def weights(self) -> dict[Place, Array]:
        """All weights, by the student's layer and name."""
        return {
            (k, name): array
            for k, node in zip(self.places, self.nodes, strict=True)
            if k is not None
            for name, array in node.weights.items()
        }

    @property
    def grads(self) -> dict[Place, Array]:
        """The gradients of the latest backward."""
        return {
            (k, name): node.grads[name]
            for k, node in zip(self.places, self.nodes, strict=True)
            if k is not None
            for name in node.weights
        }

    @property
    def layers(self) -> int:
        """How many layers have weights."""
        return sum(bool(node.weights) for node in self.nodes)

    @property
    def axes(self) -> set[int]:
        """Along how many axes its convolutions go."""
        return {node.axes for node in self.nodes if isinstance(node, Convolved)}

    def put(self, weights: Mapping[Place, Array]) -> None:
        """Give it weights; other places keep theirs."""
        for k, node in zip(self.places, self.nodes, strict=True):
            for name in node.weights:
                if k is not None and (k, name) in weights:
                    node.weights[name] = np.asarray(weights[k, name], np.float64)

    def forward(self, x: Array) -> Array:
        """The scores (N, 10) before softmax."""
        return self._through(x).reshape(len(x), -1)

    def _through(self, x: Array) -> Array:
        x = np.asarray(x, np.float64)
        for node in self.nodes:
            x = node.forward(x)
        return x

    def gradients(
        self, x: Array, classes: Array, updated: Mapping[Place, Array] | None = None
    ) -> dict[Place, Array]:
        """Of the cross-entropy, summed over the samples, in every weight.

        `updated`: weights that backward goes through in the place of those of forward.
        """
        z = self._through(x)
        p = softmax(z.reshape(len(z), -1))
        p[np.arange(len(p)), classes] -= 1.0
        p = p.reshape(z.shape)
        if updated is not None:
            self.put(updated)
            for node in self.nodes:
                if isinstance(node, Weighted):
                    node.renew()
        for k in range(len(self.nodes) - 1, -1, -1):
            if not any(node.weights for node in self.nodes[: k + 1]):
                break
            p = self.nodes[k].backward(p)
        return self.grads

    def fitted(
        self, x: Array, classes: Array, rules: Mapping[Place, Rule], training: Training
    ) -> Replica:
        """A copy that has learnt, each epoch in another order."""
        learnt = copy.deepcopy(self)
        state: dict[Place, Array | None] = {}
        rng = np.random.default_rng(training.seed)
        with np.errstate(all="ignore"):
            for _ in range(training.epochs):
                order = rng.permutation(len(x))
                for start in range(0, len(x), training.batch):
                    rows = order[start : start + training.batch]
                    grads = learnt.gradients(x[rows], classes[rows])
                    moved = dict(learnt.weights)
                    for place, g in grads.items():
                        rule = replace(rules[place], rate=rules[place].rate * training.factor)
                        change, state[place] = rule.step(g, len(rows), state.get(place))
                        moved[place] = moved[place] - change
                    learnt.put(moved)
                if not all(np.all(np.isfinite(w)) for w in learnt.weights.values()):
                    break
        return learnt

    def classes(self, x: Array) -> Array:
        """The class of each sample."""
        pieces = [self.forward(x[i : i + 200]).argmax(1) for i in range(0, len(x), 200)]
        return np.concatenate(pieces)


@dataclass(frozen=True)
class Training:
    """How a replica is trained; `factor` multiplies the student's own rate."""

    epochs: int
    batch: int
    factor: float = 1.0
    seed: int = 0


def chained(nodes: Sequence[tuple[int | None, Node]]) -> Replica:
    """A network of nodes with their layers' numbers."""
    return Replica([node for _, node in nodes], [k for k, _ in nodes])
