"""A network of the reference's layers in a student's layout, which makes the student's steps."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from graders.kinds.classifier.steps.nodes import Array, Convolved, Node, Weighted
from graders.kinds.classifier.steps.rules import Moving, Rule
from reference import softmax

N_CLASSES = 10
Place = tuple[int, str]  # a layer by its number among those of the network, and its weight's name


@dataclass(frozen=True)
class Schedule:
    """How a replica is trained; `factor` multiplies the student's own rate."""

    epochs: int
    batch: int
    factor: float = 1.0


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

    def drawn(self, rng: np.random.Generator, usual: bool) -> dict[Place, Array]:
        """Other weights to start from: of each layer's its own numbers in another order and with
        other signs, as they might have been drawn. What is no draw, of few different numbers, stays as
        it is, and biases do.

        `usual`: with the standard deviation of He et al. (2015, equation 10), sqrt(2 / fan in).
        """
        found: dict[Place, Array] = {}
        for k, node in zip(self.places, self.nodes, strict=True):
            if k is None or not isinstance(node, Weighted):
                continue
            w = node.weights[node.weight]
            if 2 * len(np.unique(w)) < w.size:
                continue
            w = rng.permutation(w.ravel()).reshape(w.shape) * rng.choice([-1.0, 1.0], w.shape)
            found[k, node.weight] = w * (np.sqrt(2 / node.fan_in) / np.std(w) if usual else 1.0)
        return found

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
        self, x: Array, classes: Array, rules: Mapping[Place, Rule], schedule: Schedule
    ) -> Replica:
        """A copy that has learnt, each epoch in another order."""
        learnt = copy.deepcopy(self)
        moving = {
            place: Moving(replace(rules[place], rate=rules[place].rate * schedule.factor), W.shape)
            for place, W in learnt.weights.items()
        }
        rng = np.random.default_rng(0)
        with np.errstate(all="ignore"):
            for _ in range(schedule.epochs):
                order = rng.permutation(len(x))
                for start in range(0, len(x), schedule.batch):
                    rows = order[start : start + schedule.batch]
                    grads = learnt.gradients(x[rows], classes[rows])
                    weights = learnt.weights
                    learnt.put(
                        {p: weights[p] - moving[p].step(g, len(rows)) for p, g in grads.items()}
                    )
                if not all(np.all(np.isfinite(w)) for w in learnt.weights.values()):
                    break
        return learnt

    def classes(self, x: Array) -> Array:
        """The class of each sample."""
        pieces = [self.forward(x[i : i + 200]).argmax(1) for i in range(0, len(x), 200)]
        return np.concatenate(pieces)
